package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"os"
	"os/signal"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	core "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/clientcmd"
)

// programs are the files that images are made of.
type programs struct {
	podlet  string
	ringway string
	mongo   string
}

// agent is the node.
type agent struct {
	ctx      context.Context
	client   kubernetes.Interface
	node     string
	nodeIP   string
	folder   string
	secrets  string
	programs programs
	network  *network
	starter  *starter
	pods     cache.Store

	lock    sync.Mutex
	workers map[types.UID]*worker
	running sync.WaitGroup
}

func run(args []string) error {
	flags := flag.NewFlagSet("run", flag.ContinueOnError)
	folder := flags.String("folder", "", "where pods' files lie")
	secrets := flags.String("certificates", "", "folder that `podlet certificates` made")
	nodeIP := flags.String("node-ip", "", "the node's address")
	bridge := flags.String("bridge", "pods", "the bridge that pods hang on")
	subnet := flags.String("pods", "", "the pods' addresses")
	services := flags.String("services", "", "the Services' addresses")
	prefix := flags.String("namespace-prefix", "", "of the pods' network namespaces")
	ringway := flags.String("ringway", "", "the router's program")
	mongo := flags.String("mongo", "", "a program that speaks MongoDB's protocol")
	if err := flags.Parse(args); err != nil {
		return err
	}
	config, err := clientcmd.BuildConfigFromFlags("", filepath.Join(*secrets, "kubeconfig"))
	if err != nil {
		return err
	}
	config.QPS, config.Burst = 500, 1000
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return err
	}
	itself, err := os.Executable()
	if err != nil {
		return err
	}
	pods, err := newNetwork(*prefix, *bridge, *subnet)
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	a := &agent{
		ctx: ctx, client: client, node: "node1", nodeIP: *nodeIP, folder: *folder, secrets: *secrets,
		programs: programs{podlet: itself, ringway: *ringway, mongo: *mongo},
		network:  pods, starter: newStarter(), workers: map[types.UID]*worker{},
	}
	a.network.sweep()
	if err := a.network.addServices(*services); err != nil {
		return err
	}
	return a.serve()
}

func (a *agent) serve() error {
	if err := os.RemoveAll(filepath.Join(a.folder, "pods")); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Join(a.folder, "logs"), 0o755); err != nil {
		return err
	}
	a.register()
	go a.serveLogs()
	go a.serveNames()
	factory := informers.NewSharedInformerFactory(a.client, 0)
	pods := factory.Core().V1().Pods().Informer()
	a.pods = pods.GetStore()
	if _, err := pods.AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc:    func(it any) { a.see(it) },
		UpdateFunc: func(_, it any) { a.see(it) },
		DeleteFunc: func(it any) { a.lose(it) },
	}); err != nil {
		return err
	}
	a.serveServices(factory)
	factory.Start(a.ctx.Done())
	for a.ctx.Err() == nil {
		// What could not be placed may have a place now.
		pause(a.ctx, time.Second)
		a.bindWaiting()
	}
	a.running.Wait()
	return nil
}

// register makes the node, and keeps at it until the server takes it.
func (a *agent) register() {
	for a.ctx.Err() == nil {
		err := a.registerOnce()
		if err == nil {
			return
		}
		log.Printf("node: %v", err)
		pause(a.ctx, time.Second/5)
	}
}

func (a *agent) registerOnce() error {
	nodes := a.client.CoreV1().Nodes()
	node, err := nodes.Create(a.ctx, &core.Node{
		ObjectMeta: meta.ObjectMeta{Name: a.node, Labels: map[string]string{
			"kubernetes.io/hostname": a.node, "kubernetes.io/os": "linux", "kubernetes.io/arch": "amd64"}},
	}, meta.CreateOptions{})
	if apierrors.IsAlreadyExists(err) {
		node, err = nodes.Get(a.ctx, a.node, meta.GetOptions{})
	}
	if err != nil {
		return err
	}
	size := core.ResourceList{
		core.ResourceCPU: resource.MustParse("16"), core.ResourceMemory: resource.MustParse("64Gi"),
		core.ResourcePods: resource.MustParse("250"), core.ResourceEphemeralStorage: resource.MustParse("100Gi")}
	now := meta.Now()
	node.Status = core.NodeStatus{
		Capacity: size, Allocatable: size,
		Addresses: []core.NodeAddress{
			{Type: core.NodeInternalIP, Address: a.nodeIP}, {Type: core.NodeHostName, Address: a.node}},
		DaemonEndpoints: core.NodeDaemonEndpoints{KubeletEndpoint: core.DaemonEndpoint{Port: kubeletPort}},
		NodeInfo: core.NodeSystemInfo{KubeletVersion: "v1.36.3-podlet", OperatingSystem: "linux",
			Architecture: "amd64", ContainerRuntimeVersion: "podlet://1"},
		Conditions: []core.NodeCondition{{Type: core.NodeReady, Status: core.ConditionTrue, Reason: "PodletReady",
			LastHeartbeatTime: now, LastTransitionTime: now}},
	}
	if _, err = nodes.UpdateStatus(a.ctx, node, meta.UpdateOptions{}); err != nil {
		return err
	}
	// A controller marks new nodes until they are ready; here none looks after that mark.
	patch := []byte(`{"spec":{"taints":null}}`)
	_, err = nodes.Patch(a.ctx, a.node, types.MergePatchType, patch, meta.PatchOptions{})
	return err
}

func (a *agent) see(it any) {
	pod, ok := it.(*core.Pod)
	if !ok {
		return
	}
	if pod.Spec.NodeName == "" {
		a.bind(pod)
		return
	}
	if pod.Spec.NodeName != a.node {
		return
	}
	a.lock.Lock()
	defer a.lock.Unlock()
	w := a.workers[pod.UID]
	if w == nil {
		if pod.DeletionTimestamp == nil && (pod.Status.Phase == core.PodSucceeded || pod.Status.Phase == core.PodFailed) {
			return
		}
		w = newWorker(a, pod)
		a.workers[pod.UID] = w
		a.running.Go(func() {
			w.run()
			a.lock.Lock()
			defer a.lock.Unlock()
			delete(a.workers, pod.UID)
		})
	}
	w.see(pod)
}

func (a *agent) lose(it any) {
	if gone, ok := it.(cache.DeletedFinalStateUnknown); ok {
		it = gone.Obj
	}
	pod, ok := it.(*core.Pod)
	if !ok {
		return
	}
	a.lock.Lock()
	defer a.lock.Unlock()
	if w := a.workers[pod.UID]; w != nil {
		w.doom(0)
	}
}

func (a *agent) logPath(namespace, pod, container string) string {
	return filepath.Join(a.folder, "logs", fmt.Sprintf("%s_%s_%s.log", namespace, pod, container))
}
