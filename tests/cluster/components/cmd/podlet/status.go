package main

import (
	"context"
	"log"
	"time"

	core "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// report writes the pod's status whenever something in it changed.
func (w *worker) report(ctx context.Context) {
	for {
		if !w.write(ctx) {
			pause(ctx, time.Second/2)
			if ctx.Err() == nil {
				continue
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-w.dirty:
		}
	}
}

func (w *worker) write(ctx context.Context) bool {
	pod := w.status()
	if pod == nil {
		return true
	}
	pod.ResourceVersion = ""
	_, err := w.agent.client.CoreV1().Pods(pod.Namespace).UpdateStatus(ctx, pod, meta.UpdateOptions{})
	if err != nil && !apierrors.IsNotFound(err) && !apierrors.IsConflict(err) && ctx.Err() == nil {
		log.Printf("%s/%s: status: %v", pod.Namespace, pod.Name, err)
		return false
	}
	return true
}

// status is the pod with its status as it is now, or nil where that is what the server has.
func (w *worker) status() *core.Pod {
	w.lock.Lock()
	defer w.lock.Unlock()
	pod := w.pod.DeepCopy()
	status := &pod.Status
	status.HostIP = w.agent.nodeIP
	status.HostIPs = []core.HostIP{{IP: w.agent.nodeIP}}
	if w.address != "" {
		status.PodIP = w.address
		status.PodIPs = []core.PodIP{{IP: w.address}}
	}
	status.StartTime = &w.begun
	status.Message = w.message
	status.InitContainerStatuses = statusesOf(w.inits)
	status.ContainerStatuses = statusesOf(w.containers)
	initialized, ready, running, failed := true, true, false, false
	for _, c := range w.inits {
		initialized = initialized && c.state.Terminated != nil && c.state.Terminated.ExitCode == 0
	}
	for _, c := range w.containers {
		ready = ready && c.ready
		running = running || c.state.Running != nil || c.restarts > 0
		failed = failed || c.state.Terminated != nil && c.state.Terminated.ExitCode != 0
	}
	status.Phase = core.PodPending
	switch {
	case w.finished && failed:
		status.Phase = core.PodFailed
	case w.finished:
		status.Phase = core.PodSucceeded
	case running:
		status.Phase = core.PodRunning
	}
	setCondition(status, core.PodScheduled, true)
	setCondition(status, core.PodInitialized, initialized)
	setCondition(status, core.ContainersReady, ready)
	setCondition(status, core.PodReady, ready && gatesOpen(pod))
	if equality.Semantic.DeepEqual(w.pod.Status, pod.Status) {
		return nil
	}
	return pod
}

func statusesOf(containers []*container) []core.ContainerStatus {
	var list []core.ContainerStatus
	for _, c := range containers {
		started := c.started
		list = append(list, core.ContainerStatus{
			Name: c.spec.Name, Image: c.spec.Image, ImageID: "podlet/" + c.spec.Image, ContainerID: c.id,
			State: c.state, LastTerminationState: c.last, Ready: c.ready, Started: &started,
			RestartCount: c.restarts})
	}
	return list
}

func setCondition(status *core.PodStatus, kind core.PodConditionType, holds bool) {
	value := core.ConditionFalse
	if holds {
		value = core.ConditionTrue
	}
	for index := range status.Conditions {
		if one := &status.Conditions[index]; one.Type == kind {
			if one.Status != value {
				one.Status = value
				one.LastTransitionTime = meta.Now()
			}
			return
		}
	}
	status.Conditions = append(status.Conditions, core.PodCondition{
		Type: kind, Status: value, LastTransitionTime: meta.Now()})
}

func gatesOpen(pod *core.Pod) bool {
	for _, gate := range pod.Spec.ReadinessGates {
		open := false
		for _, one := range pod.Status.Conditions {
			open = open || one.Type == gate.ConditionType && one.Status == core.ConditionTrue
		}
		if !open {
			return false
		}
	}
	return true
}
