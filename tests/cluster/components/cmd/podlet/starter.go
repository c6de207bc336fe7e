package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"syscall"

	"golang.org/x/sys/unix"
)

// starter starts processes in other network namespaces from one thread that lives as long as
// podlet: the kernel ties a child's death to the thread that made it.
type starter struct {
	orders chan order
}

type order struct {
	namespace string // empty: the node's own
	spec      birth
	output    *os.File
	done      chan outcome
}

type outcome struct {
	command *exec.Cmd
	err     error
}

func newStarter() *starter {
	s := &starter{orders: make(chan order)}
	go s.serve()
	return s
}

func (s *starter) start(namespace string, spec birth, output *os.File) (*exec.Cmd, error) {
	done := make(chan outcome, 1)
	s.orders <- order{namespace, spec, output, done}
	result := <-done
	return result.command, result.err
}

func (s *starter) serve() {
	runtime.LockOSThread()
	home, err := os.Open("/proc/thread-self/ns/net")
	if err != nil {
		panic(err) // Without /proc no container can start.
	}
	for one := range s.orders {
		command, err := one.run(home)
		one.done <- outcome{command, err}
	}
}

func (o *order) run(home *os.File) (*exec.Cmd, error) {
	if o.namespace != "" {
		target, err := os.Open(namespacePath(o.namespace))
		if err != nil {
			return nil, err
		}
		defer target.Close()
		if err := unix.Setns(int(target.Fd()), unix.CLONE_NEWNET); err != nil {
			return nil, fmt.Errorf("setns: %w", err)
		}
		defer func() {
			if err := unix.Setns(int(home.Fd()), unix.CLONE_NEWNET); err != nil {
				panic(err) // Everything after would start in the wrong place.
			}
		}()
	}
	reader, writer, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer reader.Close()
	command := exec.Command("/proc/self/exe", "enter")
	command.Stdout, command.Stderr = o.output, o.output
	command.ExtraFiles = []*os.File{reader}
	command.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags: syscall.CLONE_NEWNS | syscall.CLONE_NEWPID | syscall.CLONE_NEWUTS | syscall.CLONE_NEWIPC,
		Pdeathsig:  syscall.SIGKILL,
	}
	if err := command.Start(); err != nil {
		writer.Close()
		return nil, err
	}
	// By another thread: a specification may be longer than a pipe holds.
	go func() {
		defer writer.Close()
		// A child that died early shows in its exit.
		_ = json.NewEncoder(writer).Encode(o.spec)
	}()
	return command, nil
}
