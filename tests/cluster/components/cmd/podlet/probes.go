package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os/exec"
	"strconv"
	"strings"
	"time"

	core "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// probe looks after a running container until ctx ends.
func (w *worker) probe(ctx context.Context, c *container) {
	if probe := c.spec.StartupProbe; probe != nil {
		up := false
		w.watch(ctx, c, probe, func(well bool) bool {
			up = well
			return true
		})
		if !up {
			w.kill(c)
			return
		}
		w.change(func() {
			c.started = true
			c.ready = c.spec.ReadinessProbe == nil
		})
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		w.watch(ctx, c, c.spec.ReadinessProbe, func(well bool) bool {
			w.change(func() { c.ready = well })
			return false
		})
	}()
	w.watch(ctx, c, c.spec.LivenessProbe, func(well bool) bool {
		if !well {
			w.kill(c)
		}
		return !well
	})
	<-done
}

func (w *worker) kill(c *container) {
	w.change(func() {
		c.unwell = true
		if c.process != nil {
			// It may have ended just now.
			_ = c.process.Kill()
		}
	})
}

// watch asks again and again, and tells each change of mind, until told is true.
func (w *worker) watch(ctx context.Context, c *container, probe *core.Probe, told func(well bool) bool) {
	if probe == nil {
		return
	}
	pause(ctx, time.Duration(probe.InitialDelaySeconds)*time.Second)
	good, bad := int32(0), int32(0)
	for ctx.Err() == nil {
		if err := w.ask(ctx, c, probe); err == nil {
			good, bad = good+1, 0
			if good == max(probe.SuccessThreshold, 1) && told(true) {
				return
			}
		} else if ctx.Err() == nil {
			good, bad = 0, bad+1
			if bad == max(probe.FailureThreshold, 1) && told(false) {
				return
			}
		}
		pause(ctx, time.Duration(max(probe.PeriodSeconds, 1))*time.Second)
	}
}

func (w *worker) ask(ctx context.Context, c *container, probe *core.Probe) error {
	ctx, cancel := context.WithTimeout(ctx, time.Duration(max(probe.TimeoutSeconds, 1))*time.Second)
	defer cancel()
	switch {
	case probe.HTTPGet != nil:
		return w.askHTTP(ctx, c, probe.HTTPGet)
	case probe.TCPSocket != nil:
		host := w.address
		if probe.TCPSocket.Host != "" {
			host = probe.TCPSocket.Host
		}
		var dialer net.Dialer
		connection, err := dialer.DialContext(ctx, "tcp", net.JoinHostPort(host, portOf(c.spec, probe.TCPSocket.Port)))
		if err != nil {
			return err
		}
		return connection.Close()
	case probe.Exec != nil:
		return w.exec(ctx, c, probe.Exec.Command)
	}
	return errors.New("podlet doesn't know this kind of probe")
}

var prober = &http.Client{
	Transport: &http.Transport{DisableKeepAlives: true, TLSClientConfig: &tls.Config{InsecureSkipVerify: true}},
	CheckRedirect: func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse
	},
}

func (w *worker) askHTTP(ctx context.Context, c *container, get *core.HTTPGetAction) error {
	host := w.address
	if get.Host != "" {
		host = get.Host
	}
	scheme := strings.ToLower(string(get.Scheme))
	if scheme == "" {
		scheme = "http"
	}
	url := fmt.Sprintf("%s://%s/%s", scheme, net.JoinHostPort(host, portOf(c.spec, get.Port)), strings.TrimPrefix(get.Path, "/"))
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	request.Header.Set("User-Agent", "kube-probe/podlet")
	for _, header := range get.HTTPHeaders {
		request.Header.Set(header.Name, header.Value)
		if strings.EqualFold(header.Name, "Host") {
			request.Host = header.Value
		}
	}
	answer, err := prober.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode < 200 || answer.StatusCode >= 400 {
		return fmt.Errorf("the probe's answer is %d", answer.StatusCode)
	}
	return nil
}

// exec runs a command inside a container.
func (w *worker) exec(ctx context.Context, c *container, argv []string) error {
	pid := 0
	w.change(func() {
		if c.process != nil {
			pid = c.process.Pid
		}
	})
	if pid == 0 {
		return errors.New("the container isn't running")
	}
	args := append([]string{"-t", strconv.Itoa(pid), "-m", "-u", "-i", "-n", "-p", "-r", "-w", "--"}, argv...)
	return exec.CommandContext(ctx, "nsenter", args...).Run()
}

func portOf(c *core.Container, port intstr.IntOrString) string {
	if port.Type == intstr.Int {
		return strconv.Itoa(port.IntValue())
	}
	for _, one := range c.Ports {
		if one.Name == port.StrVal {
			return strconv.Itoa(int(one.ContainerPort))
		}
	}
	return port.StrVal
}
