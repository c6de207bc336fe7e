package main

import (
	"context"
	"log"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	core "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// A kubelet renews a token after four fifths of its hour.
const tokenAge = 45 * time.Minute

// How often files that were made from ConfigMaps and Secrets are compared with them.
const volumeAge = 2 * time.Second

// worker lives as long as one pod does on this node.
type worker struct {
	agent  *agent
	folder string
	ports  []closer

	// Set once, before the first container starts.
	place   *place
	address string
	paths   map[string]string

	lock       sync.Mutex
	pod        *core.Pod
	inits      []*container
	containers []*container
	begun      meta.Time
	message    string
	stopping   bool
	finished   bool

	dirty  chan struct{}
	doomed chan time.Duration
}

func newWorker(a *agent, pod *core.Pod) *worker {
	w := &worker{
		agent:  a,
		folder: filepath.Join(a.folder, "pods", string(pod.UID)),
		pod:    pod,
		begun:  meta.Now(),
		dirty:  make(chan struct{}, 1),
		doomed: make(chan time.Duration, 1),
	}
	for index := range pod.Spec.InitContainers {
		w.inits = append(w.inits, fresh(&pod.Spec.InitContainers[index]))
	}
	for index := range pod.Spec.Containers {
		w.containers = append(w.containers, fresh(&pod.Spec.Containers[index]))
	}
	return w
}

func fresh(spec *core.Container) *container {
	return &container{spec: spec, state: core.ContainerState{
		Waiting: &core.ContainerStateWaiting{Reason: "ContainerCreating"}}}
}

// see takes the pod as it is now; a deletion in it starts the end.
func (w *worker) see(pod *core.Pod) {
	w.lock.Lock()
	w.pod = pod
	w.lock.Unlock()
	if pod.DeletionTimestamp != nil {
		grace := int64(30)
		if pod.DeletionGracePeriodSeconds != nil {
			grace = *pod.DeletionGracePeriodSeconds
		}
		w.doom(time.Duration(grace) * time.Second)
	}
}

func (w *worker) doom(grace time.Duration) {
	select {
	case w.doomed <- grace:
	default: // It is on its way out already.
	}
}

func (w *worker) newest() *core.Pod {
	w.lock.Lock()
	defer w.lock.Unlock()
	return w.pod
}

// change alters state under the lock, and has the status written.
func (w *worker) change(alter func()) {
	w.lock.Lock()
	alter()
	w.lock.Unlock()
	select {
	case w.dirty <- struct{}{}:
	default:
	}
}

func (w *worker) run() {
	reports, stopReports := context.WithCancel(w.agent.ctx)
	reported := make(chan struct{})
	go func() {
		w.report(reports)
		close(reported)
	}()
	ctx, cancel := context.WithCancel(w.agent.ctx)
	lived := make(chan struct{})
	go func() {
		w.live(ctx)
		close(lived)
	}()
	grace := time.Duration(0)
	select {
	case grace = <-w.doomed:
	case <-w.agent.ctx.Done():
	}
	w.change(func() { w.stopping = true })
	w.stop(grace, cancel, lived)
	for _, port := range w.ports {
		port.close()
	}
	stopReports()
	<-reported
	if w.place != nil {
		w.agent.network.remove(w.place)
	}
	if err := os.RemoveAll(w.folder); err != nil {
		log.Printf("%s stays: %v", w.folder, err)
	}
	w.remove()
}

// live sets the pod up and keeps its containers running until ctx ends.
func (w *worker) live(ctx context.Context) {
	if !w.prepare(ctx) {
		return
	}
	policy := w.newest().Spec.RestartPolicy
	again := core.RestartPolicyOnFailure
	if policy == core.RestartPolicyNever {
		again = core.RestartPolicyNever
	}
	for _, c := range w.inits {
		w.keep(ctx, c, again)
		if ctx.Err() != nil || c.state.Terminated == nil || c.state.Terminated.ExitCode != 0 {
			return
		}
	}
	w.publish()
	var all sync.WaitGroup
	for _, c := range w.containers {
		all.Go(func() { w.keep(ctx, c, policy) })
	}
	go w.refresh(ctx)
	all.Wait()
	if ctx.Err() == nil {
		w.change(func() { w.finished = true })
	}
}

// prepare makes network and volumes, as often as it takes.
func (w *worker) prepare(ctx context.Context) bool {
	for ctx.Err() == nil {
		err := w.settle(ctx)
		if err == nil {
			w.change(func() { w.message = "" })
			return true
		}
		w.change(func() { w.message = err.Error() })
		pause(ctx, time.Second)
	}
	return false
}

func (w *worker) settle(ctx context.Context) error {
	pod := w.newest()
	if w.address == "" {
		address := w.agent.nodeIP
		if !pod.Spec.HostNetwork {
			at, err := w.agent.network.add(string(pod.UID))
			if err != nil {
				return err
			}
			w.place, address = at, at.address
		}
		w.change(func() { w.address = address })
	}
	paths, err := w.agent.volumes(ctx, pod, w.folder)
	w.paths = paths
	return err
}

// refresh brings changes of ConfigMaps and Secrets into the volumes, and new tokens.
func (w *worker) refresh(ctx context.Context) {
	renewed := time.Now()
	for ctx.Err() == nil {
		pause(ctx, volumeAge)
		pod := w.newest()
		renew := time.Since(renewed) > tokenAge
		if renew {
			renewed = time.Now()
		}
		for index := range pod.Spec.Volumes {
			volume := &pod.Spec.Volumes[index]
			token := strings.HasPrefix(volume.Name, "kube-api-access-")
			if volume.ConfigMap == nil && volume.Secret == nil && volume.Projected == nil || token && !renew {
				continue
			}
			path := filepath.Join(w.folder, "volumes", volume.Name)
			if _, err := w.agent.volume(ctx, pod, volume, path); err != nil && ctx.Err() == nil {
				log.Printf("%s/%s: volume %s: %v", pod.Namespace, pod.Name, volume.Name, err)
			}
		}
	}
}

// stop ends the containers, kindly first.
func (w *worker) stop(grace time.Duration, cancel context.CancelFunc, lived <-chan struct{}) {
	if grace > 0 {
		w.beforeStop(grace)
	}
	cancel()
	w.signal(syscall.SIGTERM)
	select {
	case <-lived:
		return
	case <-time.After(grace):
	case <-w.agent.ctx.Done():
	}
	w.signal(syscall.SIGKILL)
	<-lived
}

func (w *worker) beforeStop(grace time.Duration) {
	ctx, cancel := context.WithTimeout(w.agent.ctx, grace)
	defer cancel()
	var all sync.WaitGroup
	for _, c := range w.containers {
		if c.spec.Lifecycle == nil || c.spec.Lifecycle.PreStop == nil {
			continue
		}
		hook := c.spec.Lifecycle.PreStop
		all.Go(func() {
			switch {
			case hook.Sleep != nil:
				pause(ctx, time.Duration(hook.Sleep.Seconds)*time.Second)
			case hook.Exec != nil:
				// A hook that fails doesn't keep the pod.
				_ = w.exec(ctx, c, hook.Exec.Command)
			case hook.HTTPGet != nil:
				_ = w.askHTTP(ctx, c, hook.HTTPGet)
			}
		})
	}
	all.Wait()
}

func (w *worker) signal(signal os.Signal) {
	w.lock.Lock()
	defer w.lock.Unlock()
	for _, c := range append(w.inits, w.containers...) {
		if c.process != nil {
			// It may have ended just now.
			_ = c.process.Signal(signal)
		}
	}
}

// remove takes the pod's object away, which is what tells everybody that it is gone.
func (w *worker) remove() {
	pod := w.newest()
	if pod.DeletionTimestamp == nil {
		return
	}
	now := int64(0)
	for w.agent.ctx.Err() == nil {
		err := w.agent.client.CoreV1().Pods(pod.Namespace).Delete(w.agent.ctx, pod.Name, meta.DeleteOptions{
			GracePeriodSeconds: &now, Preconditions: &meta.Preconditions{UID: &pod.UID}})
		if err == nil || apierrors.IsNotFound(err) || apierrors.IsConflict(err) {
			return
		}
		pause(w.agent.ctx, time.Second)
	}
}
