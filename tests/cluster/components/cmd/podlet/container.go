package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	core "k8s.io/api/core/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// container is one container of a worker's pod. Its fields are under the worker's lock.
type container struct {
	spec     *core.Container
	state    core.ContainerState
	last     core.ContainerState
	started  bool
	ready    bool
	restarts int32
	process  *os.Process
	id       string
	// unwell is set when a liveness or startup probe ended it.
	unwell bool
}

// What a runtime leaves to a container that asks for nothing.
var ordinary = []string{"CHOWN", "DAC_OVERRIDE", "FSETID", "FOWNER", "MKNOD", "NET_RAW", "SETGID", "SETUID",
	"SETFCAP", "SETPCAP", "NET_BIND_SERVICE", "SYS_CHROOT", "KILL", "AUDIT_WRITE"}

var errPull = errors.New("podlet has no image of this name")

// keep runs a container until its pod is stopped, again and again where the policy says so.
func (w *worker) keep(ctx context.Context, c *container, policy core.RestartPolicy) {
	backoff := time.Second / 2
	for ctx.Err() == nil {
		command, err := w.launch(ctx, c)
		if err != nil {
			w.wait(c, err)
			pause(ctx, time.Second)
			continue
		}
		begun := time.Now()
		probes, stopProbes := context.WithCancel(ctx)
		done := make(chan struct{})
		go func() {
			w.probe(probes, c)
			close(done)
		}()
		err = command.Wait()
		stopProbes()
		<-done
		code := w.ended(c, command, begun)
		if policy == core.RestartPolicyNever || policy == core.RestartPolicyOnFailure && code == 0 {
			return
		}
		if time.Since(begun) > 10*time.Second {
			backoff = time.Second / 2
		}
		if ctx.Err() != nil {
			return
		}
		w.change(func() {
			c.restarts++
			c.last = c.state
			c.state = core.ContainerState{Waiting: &core.ContainerStateWaiting{Reason: "CrashLoopBackOff",
				Message: fmt.Sprintf("back-off %s restarting %s", backoff, c.spec.Name)}}
		})
		pause(ctx, backoff)
		backoff = min(2*backoff, 5*time.Second)
	}
}

func (w *worker) wait(c *container, err error) {
	reason := "CreateContainerConfigError"
	if errors.Is(err, errPull) {
		reason = "ErrImagePull"
	}
	w.change(func() {
		c.state = core.ContainerState{Waiting: &core.ContainerStateWaiting{Reason: reason, Message: err.Error()}}
	})
}

func (w *worker) ended(c *container, command *exec.Cmd, begun time.Time) int32 {
	code, signal, reason := int32(command.ProcessState.ExitCode()), int32(0), "Completed"
	if status, ok := command.ProcessState.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		signal = int32(status.Signal())
		code = 128 + signal
	}
	if code != 0 {
		reason = "Error"
	}
	w.change(func() {
		c.process, c.ready, c.started = nil, false, false
		c.state = core.ContainerState{Terminated: &core.ContainerStateTerminated{
			ExitCode: code, Signal: signal, Reason: reason, ContainerID: c.id,
			StartedAt: meta.NewTime(begun), FinishedAt: meta.Now()}}
	})
	return code
}

// launch starts the container's process once.
func (w *worker) launch(ctx context.Context, c *container) (*exec.Cmd, error) {
	pod := w.newest()
	spec, err := w.birth(ctx, pod, c)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(spec.Root, 0o700); err != nil {
		return nil, err
	}
	output, err := os.OpenFile(w.agent.logPath(pod.Namespace, pod.Name, c.spec.Name), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return nil, err
	}
	defer output.Close()
	namespace := ""
	if w.place != nil {
		namespace = w.place.namespace
	}
	command, err := w.agent.starter.start(namespace, *spec, output)
	if err != nil {
		return nil, err
	}
	stopping := false
	w.change(func() {
		c.process = command.Process
		c.id = fmt.Sprintf("podlet://%s-%d", c.spec.Name, command.Process.Pid)
		c.unwell = false
		c.started = c.spec.StartupProbe == nil
		c.ready = c.started && c.spec.ReadinessProbe == nil
		c.state = core.ContainerState{Running: &core.ContainerStateRunning{StartedAt: meta.Now()}}
		stopping = w.stopping
	})
	if stopping {
		// Stopped between the decision and the start.
		_ = command.Process.Kill()
	}
	return command, nil
}

func (w *worker) birth(ctx context.Context, pod *core.Pod, c *container) (*birth, error) {
	what, ok := imageOf(c.spec.Image, w.agent.programs)
	if !ok {
		return nil, fmt.Errorf("%w: %s", errPull, c.spec.Image)
	}
	env, err := w.agent.environment(ctx, pod, c.spec, what)
	if err != nil {
		return nil, err
	}
	argv := what.entrypoint
	args := what.command
	if len(c.spec.Command) > 0 {
		argv, args = c.spec.Command, nil
	}
	if len(c.spec.Args) > 0 {
		args = c.spec.Args
	}
	spec := &birth{
		Hostname:   hostnameOf(pod),
		Root:       filepath.Join(w.folder, "roots", c.spec.Name),
		Files:      w.files(pod, what),
		Links:      what.links,
		WorkingDir: c.spec.WorkingDir,
		Env:        env.list(),
		Keep:       ordinary,
	}
	for _, text := range append(slices.Clone(argv), args...) {
		spec.Argv = append(spec.Argv, env.expand(text))
	}
	for _, one := range c.spec.VolumeMounts {
		path, ok := w.paths[one.Name]
		if !ok {
			return nil, fmt.Errorf("there is no volume %s", one.Name)
		}
		sub := one.SubPath
		if one.SubPathExpr != "" {
			sub = env.expand(one.SubPathExpr)
		}
		spec.Mounts = append(spec.Mounts, mount{filepath.Join(path, sub), one.MountPath, one.ReadOnly})
	}
	return spec, spec.secure(pod, c.spec, what.user)
}

func (w *worker) files(pod *core.Pod, what image) map[string]string {
	hosts := "127.0.0.1\tlocalhost\n::1\tlocalhost\n" + w.address + "\t" + hostnameOf(pod) + "\n"
	for _, alias := range pod.Spec.HostAliases {
		for _, name := range alias.Hostnames {
			hosts += alias.IP + "\t" + name + "\n"
		}
	}
	files := map[string]string{
		"/etc/hosts":       hosts,
		"/etc/hostname":    hostnameOf(pod) + "\n",
		"/etc/resolv.conf": "nameserver " + w.agent.nodeIP + "\noptions timeout:1 attempts:1\n",
	}
	for path, text := range what.files {
		files[path] = text
	}
	return files
}

// secure takes what the security contexts of pod and container say; the container's wins.
func (b *birth) secure(pod *core.Pod, c *core.Container, user int64) error {
	group := int64(0)
	nonRoot := false
	if outer := pod.Spec.SecurityContext; outer != nil {
		user = or(outer.RunAsUser, user)
		group = or(outer.RunAsGroup, group)
		nonRoot = or(outer.RunAsNonRoot, nonRoot)
		for _, one := range outer.SupplementalGroups {
			b.Groups = append(b.Groups, int(one))
		}
		if outer.FSGroup != nil {
			b.Groups = append(b.Groups, int(*outer.FSGroup))
		}
	}
	if inner := c.SecurityContext; inner != nil {
		user = or(inner.RunAsUser, user)
		group = or(inner.RunAsGroup, group)
		nonRoot = or(inner.RunAsNonRoot, nonRoot)
		b.ReadOnly = or(inner.ReadOnlyRootFilesystem, false)
		b.NoNewPrivs = !or(inner.AllowPrivilegeEscalation, true)
		if inner.Capabilities != nil {
			b.Keep = nil
			if !slices.Contains(inner.Capabilities.Drop, "ALL") {
				for _, name := range ordinary {
					if !slices.Contains(inner.Capabilities.Drop, core.Capability(name)) {
						b.Keep = append(b.Keep, name)
					}
				}
			}
			for _, name := range inner.Capabilities.Add {
				b.Keep = append(b.Keep, string(name))
			}
		}
	}
	if nonRoot && user == 0 {
		return errors.New("container has runAsNonRoot and image will run as root")
	}
	b.User, b.Group = int(user), int(group)
	return nil
}

func or[T any](value *T, otherwise T) T {
	if value == nil {
		return otherwise
	}
	return *value
}

func pause(ctx context.Context, how time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(how):
	}
}
