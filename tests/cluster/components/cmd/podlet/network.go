package main

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"

	"golang.org/x/sys/unix"
)

// network hands out addresses behind the node's bridge. The node's own namespace, with the bridge
// in it, is made by tests/cluster/up; podlet runs inside.
type network struct {
	prefix string // of the namespaces' names, so that `down` finds them
	bridge string
	subnet *net.IPNet

	lock sync.Mutex
	next uint32
	used map[string]bool
}

// place is where a pod's processes live.
type place struct {
	namespace string
	link      string
	address   string
}

func newNetwork(prefix, bridge, subnet string) (*network, error) {
	_, parsed, err := net.ParseCIDR(subnet)
	if err != nil {
		return nil, err
	}
	return &network{prefix: prefix, bridge: bridge, subnet: parsed, next: 1, used: map[string]bool{}}, nil
}

// take returns the next free address. It goes round, so that an address isn't used again at once:
// what still points at a pod that is gone must not reach another one.
func (n *network) take() (string, error) {
	n.lock.Lock()
	defer n.lock.Unlock()
	ones, bits := n.subnet.Mask.Size()
	size := uint32(1) << (bits - ones)
	for range size {
		n.next++
		if n.next >= size-2 {
			n.next = 2 // 1 is the bridge, the last one where Services are.
		}
		address := n.at(n.next).String()
		if !n.used[address] {
			n.used[address] = true
			return address, nil
		}
	}
	return "", errors.New("no address is left behind the bridge")
}

func (n *network) release(address string) {
	n.lock.Lock()
	defer n.lock.Unlock()
	delete(n.used, address)
}

// add makes a namespace with an address in it, joined to the bridge.
func (n *network) add(uid string) (*place, error) {
	address, err := n.take()
	if err != nil {
		return nil, err
	}
	short := strings.ReplaceAll(uid, "-", "")[:10]
	at := &place{namespace: n.prefix + short, link: "p" + short, address: address}
	ones, _ := n.subnet.Mask.Size()
	gateway := n.gateway()
	outside := fmt.Sprintf("link add %s type veth peer name eth0 netns %s\nlink set %s master %s up\n",
		at.link, at.namespace, at.link, n.bridge)
	inside := fmt.Sprintf("link set lo up\naddr add %s/%d dev eth0\nlink set eth0 up\nroute add default via %s\n",
		address, ones, gateway)
	if err := errors.Join(
		ip("", "netns", "add", at.namespace),
		ip(outside, "-batch", "-"),
		ip(inside, "-n", at.namespace, "-batch", "-"),
		// Container runtimes let everybody listen below 1024.
		exec.Command("ip", "netns", "exec", at.namespace, "sh", "-c",
			"echo 0 > /proc/sys/net/ipv4/ip_unprivileged_port_start").Run(),
	); err != nil {
		n.remove(at)
		return nil, err
	}
	return at, nil
}

func (n *network) gateway() net.IP { return n.at(1) }

// at is the subnet's address of this number.
func (n *network) at(offset uint32) net.IP {
	number := binary.BigEndian.Uint32(n.subnet.IP.To4()) + offset
	return binary.BigEndian.AppendUint32(nil, number)
}

// servicesNamespace holds the addresses of Services. A namespace of its own: a pod in the node's
// network may listen on all addresses of a port that a Service has too.
func (n *network) servicesNamespace() string { return n.prefix + "services" }

// addServices makes that namespace, with the way to it.
func (n *network) addServices(services string) error {
	ones, bits := n.subnet.Mask.Size()
	address := n.at(uint32(1)<<(bits-ones) - 2)
	name := n.servicesNamespace()
	inside := fmt.Sprintf("link set lo up\naddr add %s/%d dev eth0\nlink set eth0 up\nroute add default via %s\n",
		address, ones, n.gateway())
	outside := fmt.Sprintf("link add services type veth peer name eth0 netns %s\n"+
		"link set services master %s up\n", name, n.bridge)
	return errors.Join(
		ip("", "netns", "add", name),
		ip(outside, "-batch", "-"),
		ip(inside, "-n", name, "-batch", "-"),
		ip("", "route", "replace", services, "via", address.String()),
	)
}

// within does something with this thread in another namespace: sockets opened there stay there.
func within(namespace string, do func() error) error {
	runtime.LockOSThread()
	home, err := os.Open("/proc/thread-self/ns/net")
	if err != nil {
		return err
	}
	defer home.Close()
	target, err := os.Open(namespacePath(namespace))
	if err != nil {
		return err
	}
	defer target.Close()
	if err := unix.Setns(int(target.Fd()), unix.CLONE_NEWNET); err != nil {
		return err
	}
	failed := do()
	if err := unix.Setns(int(home.Fd()), unix.CLONE_NEWNET); err != nil {
		return err // Locked still, so the thread ends with its goroutine.
	}
	runtime.UnlockOSThread()
	return failed
}

func (n *network) remove(at *place) {
	// The link goes with its namespace; both may be gone already.
	_ = ip("", "link", "del", at.link)
	_ = ip("", "netns", "del", at.namespace)
	n.release(at.address)
}

// sweep removes what an earlier podlet left behind.
func (n *network) sweep() {
	entries, err := os.ReadDir("/run/netns")
	if err != nil {
		return
	}
	for _, entry := range entries {
		if !strings.HasPrefix(entry.Name(), n.prefix) {
			continue
		}
		pids, err := exec.Command("ip", "netns", "pids", entry.Name()).Output()
		if err == nil && len(bytes.Fields(pids)) > 0 {
			args := []string{"-KILL"}
			for _, pid := range bytes.Fields(pids) {
				args = append(args, string(pid))
			}
			_ = exec.Command("kill", args...).Run()
		}
		_ = ip("", "netns", "del", entry.Name())
	}
}

func ip(input string, args ...string) error {
	command := exec.Command("ip", args...)
	command.Stdin = strings.NewReader(input)
	if output, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("ip %s: %w: %s", strings.Join(args, " "), err, output)
	}
	return nil
}

func namespacePath(name string) string {
	return filepath.Join("/run/netns", name)
}
