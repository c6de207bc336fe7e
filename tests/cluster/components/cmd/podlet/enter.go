package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sort"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// birth is what `podlet enter` needs to turn itself into a container's first process. It is
// started in the pod's network namespace and in mount, process, IPC and host name namespaces of
// its own, and reads this from file descriptor 3.
type birth struct {
	Hostname   string
	Root       string // an empty folder to build the root in
	Files      map[string]string
	Links      map[string]string // path inside -> program outside
	Mounts     []mount
	ReadOnly   bool
	WorkingDir string
	Argv       []string
	Env        []string
	User       int
	Group      int
	Groups     []int
	Keep       []string // capabilities
	NoNewPrivs bool
}

type mount struct {
	Source   string
	Target   string
	ReadOnly bool
}

// enter never returns but with a fault: it becomes the container.
func enter() error {
	runtime.LockOSThread()
	var spec birth
	if err := json.NewDecoder(os.NewFile(3, "birth")).Decode(&spec); err != nil {
		return err
	}
	unix.CloseOnExec(3)
	if err := spec.root(); err != nil {
		return fmt.Errorf("root: %w", err)
	}
	if err := unix.Sethostname([]byte(spec.Hostname)); err != nil {
		return err
	}
	if spec.WorkingDir == "" {
		spec.WorkingDir = "/"
	}
	if err := os.Chdir(spec.WorkingDir); err != nil {
		return err
	}
	os.Clearenv()
	for _, pair := range spec.Env {
		name, value, _ := strings.Cut(pair, "=")
		if err := os.Setenv(name, value); err != nil {
			return err
		}
	}
	program, err := exec.LookPath(spec.Argv[0])
	if err != nil {
		return err
	}
	if err := spec.drop(); err != nil {
		return fmt.Errorf("rights: %w", err)
	}
	return syscall.Exec(program, spec.Argv, spec.Env)
}

// root lays a layer in memory over the host's root, so that nothing written there stays, and
// mounts the pod's volumes into it. Mounts of the host don't show through.
func (b *birth) root() error {
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return err
	}
	if err := unix.Mount("tmpfs", b.Root, "tmpfs", 0, "mode=755"); err != nil {
		return err
	}
	upper, work, root := b.Root+"/upper", b.Root+"/work", b.Root+"/root"
	for _, folder := range []string{upper, work, root} {
		if err := os.Mkdir(folder, 0o755); err != nil {
			return err
		}
	}
	layers := "lowerdir=/,upperdir=" + upper + ",workdir=" + work
	if err := unix.Mount("overlay", root, "overlay", 0, layers); err != nil {
		return fmt.Errorf("overlay: %w", err)
	}
	for _, one := range []struct{ kind, target, data string }{
		{"proc", "/proc", ""}, {"tmpfs", "/tmp", "mode=1777"}, {"tmpfs", "/run", "mode=755"},
	} {
		if err := unix.Mount(one.kind, root+one.target, one.kind, 0, one.data); err != nil {
			return fmt.Errorf("%s: %w", one.target, err)
		}
	}
	for _, shared := range []string{"/dev", "/sys"} {
		if err := unix.Mount(shared, root+shared, "", unix.MS_BIND|unix.MS_REC, ""); err != nil {
			return fmt.Errorf("%s: %w", shared, err)
		}
	}
	// From inside, since links such as /var/run -> /run must lead into the new root.
	const old = "/.outside"
	if err := os.Mkdir(root+old, 0o700); err != nil {
		return err
	}
	if err := unix.PivotRoot(root, root+old); err != nil {
		return fmt.Errorf("pivot_root: %w", err)
	}
	if err := os.Chdir("/"); err != nil {
		return err
	}
	if err := b.furnish(old); err != nil {
		return err
	}
	if err := unix.Unmount(old, unix.MNT_DETACH); err != nil {
		return err
	}
	if err := os.Remove(old); err != nil {
		return err
	}
	if b.ReadOnly {
		return unix.Mount("", "/", "", unix.MS_REMOUNT|unix.MS_BIND|unix.MS_RDONLY, "")
	}
	return nil
}

func (b *birth) furnish(old string) error {
	for path, text := range b.Files {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, []byte(text), 0o755); err != nil {
			return err
		}
	}
	for path, program := range b.Links {
		if err := bind(old+program, path, true); err != nil {
			return err
		}
	}
	// Outer folders first, else they would hide what lies inside them.
	sort.Slice(b.Mounts, func(i, j int) bool { return len(b.Mounts[i].Target) < len(b.Mounts[j].Target) })
	for _, one := range b.Mounts {
		if err := bind(old+one.Source, one.Target, one.ReadOnly); err != nil {
			return err
		}
	}
	return nil
}

func bind(source, target string, readOnly bool) error {
	info, err := os.Stat(source)
	if err != nil {
		return err
	}
	if info.IsDir() {
		err = os.MkdirAll(target, 0o755)
	} else if err = os.MkdirAll(filepath.Dir(target), 0o755); err == nil {
		var file *os.File
		if file, err = os.OpenFile(target, os.O_CREATE|os.O_WRONLY, 0o755); err == nil {
			err = file.Close()
		}
	}
	if err != nil {
		return err
	}
	if err := unix.Mount(source, target, "", unix.MS_BIND|unix.MS_REC, ""); err != nil {
		return fmt.Errorf("bind %s: %w", target, err)
	}
	if readOnly {
		return unix.Mount("", target, "", unix.MS_REMOUNT|unix.MS_BIND|unix.MS_RDONLY, "")
	}
	return nil
}

// The numbers of linux/capability.h that runtimes speak of.
var capabilities = map[string]uintptr{
	"CHOWN": 0, "DAC_OVERRIDE": 1, "DAC_READ_SEARCH": 2, "FOWNER": 3, "FSETID": 4, "KILL": 5,
	"SETGID": 6, "SETUID": 7, "SETPCAP": 8, "NET_BIND_SERVICE": 10, "NET_ADMIN": 12, "NET_RAW": 13,
	"IPC_LOCK": 14, "SYS_CHROOT": 18, "SYS_PTRACE": 19, "SYS_ADMIN": 21, "SYS_RESOURCE": 24,
	"MKNOD": 27, "AUDIT_WRITE": 29, "SETFCAP": 31,
}

const lastCapability = 40

func (b *birth) drop() error {
	keep := map[uintptr]bool{}
	for _, name := range b.Keep {
		if number, ok := capabilities[strings.TrimPrefix(name, "CAP_")]; ok {
			keep[number] = true
		}
	}
	for number := range uintptr(lastCapability + 1) {
		if !keep[number] {
			// Kernels that don't know a number have nothing to drop.
			_ = unix.Prctl(unix.PR_CAPBSET_DROP, number, 0, 0, 0)
		}
	}
	if b.NoNewPrivs {
		if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
			return err
		}
	}
	if err := syscall.Setgroups(b.Groups); err != nil {
		return err
	}
	if err := syscall.Setgid(b.Group); err != nil {
		return err
	}
	if err := syscall.Setuid(b.User); err != nil {
		return err
	}
	// A change of user clears it: the container shall still end with podlet.
	return unix.Prctl(unix.PR_SET_PDEATHSIG, uintptr(syscall.SIGKILL), 0, 0, 0)
}
