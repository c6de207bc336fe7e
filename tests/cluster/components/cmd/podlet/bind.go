package main

import (
	"fmt"
	"log"

	core "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// bindWaiting tries all pods again that have no node.
func (a *agent) bindWaiting() {
	for _, it := range a.pods.List() {
		if pod, ok := it.(*core.Pod); ok && pod.Spec.NodeName == "" {
			a.bind(pod)
		}
	}
}

// bind puts a pod on the one node that there is, where it fits.
func (a *agent) bind(pod *core.Pod) {
	if pod.DeletionTimestamp != nil {
		return
	}
	if reason := a.misfit(pod); reason != "" {
		a.unschedulable(pod, reason)
		return
	}
	binding := &core.Binding{
		ObjectMeta: meta.ObjectMeta{Name: pod.Name, Namespace: pod.Namespace, UID: pod.UID},
		Target:     core.ObjectReference{Kind: "Node", Name: a.node},
	}
	err := a.client.CoreV1().Pods(pod.Namespace).Bind(a.ctx, binding, meta.CreateOptions{})
	if err != nil && !apierrors.IsNotFound(err) && !apierrors.IsConflict(err) && a.ctx.Err() == nil {
		log.Printf("%s/%s: bind: %v", pod.Namespace, pod.Name, err)
	}
}

func (a *agent) misfit(pod *core.Pod) string {
	labels := map[string]string{
		"kubernetes.io/hostname": a.node, "kubernetes.io/os": "linux", "kubernetes.io/arch": "amd64"}
	for name, value := range pod.Spec.NodeSelector {
		if labels[name] != value {
			return fmt.Sprintf("the node's label %s isn't %s", name, value)
		}
	}
	for _, it := range a.pods.List() {
		other, ok := it.(*core.Pod)
		if !ok || other.Spec.NodeName != a.node || other.UID == pod.UID ||
			other.Status.Phase == core.PodSucceeded || other.Status.Phase == core.PodFailed {
			continue
		}
		for port := range hostPorts(pod) {
			if hostPorts(other)[port] {
				return fmt.Sprintf("%s/%s has host port %s", other.Namespace, other.Name, port)
			}
		}
	}
	return ""
}

func hostPorts(pod *core.Pod) map[string]bool {
	ports := map[string]bool{}
	for _, c := range pod.Spec.Containers {
		for _, port := range c.Ports {
			if port.HostPort != 0 {
				ports[fmt.Sprintf("%d/%s", port.HostPort, port.Protocol)] = true
			}
		}
	}
	return ports
}

func (a *agent) unschedulable(pod *core.Pod, reason string) {
	for _, one := range pod.Status.Conditions {
		if one.Type == core.PodScheduled && one.Message == reason {
			return
		}
	}
	pod = pod.DeepCopy()
	pod.Status.Conditions = append([]core.PodCondition(nil), core.PodCondition{
		Type: core.PodScheduled, Status: core.ConditionFalse, Reason: core.PodReasonUnschedulable,
		Message: reason, LastTransitionTime: meta.Now()})
	// Said again at the next try, if it must be.
	_, _ = a.client.CoreV1().Pods(pod.Namespace).UpdateStatus(a.ctx, pod, meta.UpdateOptions{})
}
