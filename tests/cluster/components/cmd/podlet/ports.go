package main

import (
	"fmt"
	"log"
	"net"
	"strconv"
	"sync"
	"time"

	core "k8s.io/api/core/v1"
	discovery "k8s.io/api/discovery/v1"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/tools/cache"
)

// publish opens the host ports of a pod.
func (w *worker) publish() {
	pod := w.newest()
	if pod.Spec.HostNetwork {
		return
	}
	for _, c := range pod.Spec.Containers {
		for _, port := range c.Ports {
			if port.HostPort == 0 {
				continue
			}
			target := net.JoinHostPort(w.address, strconv.Itoa(int(port.ContainerPort)))
			host := port.HostIP
			if host == "" {
				host = w.agent.nodeIP
			}
			at := net.JoinHostPort(host, strconv.Itoa(int(port.HostPort)))
			opened, err := listen(string(port.Protocol), at, func() string { return target })
			if err != nil {
				log.Printf("%s/%s: host port %s: %v", pod.Namespace, pod.Name, at, err)
				w.change(func() { w.message = err.Error() })
				continue
			}
			w.ports = append(w.ports, opened)
		}
	}
}

// services stands for kube-proxy: it listens on the addresses of Services that select pods, and
// on node ports.
type services struct {
	agent  *agent
	all    cache.Store
	slices cache.Store
	dirty  chan struct{}
	open   map[string]closer

	lock    sync.Mutex
	targets map[string][]string
	turn    int
}

func (a *agent) serveServices(factory informers.SharedInformerFactory) {
	all := factory.Core().V1().Services().Informer()
	slices := factory.Discovery().V1().EndpointSlices().Informer()
	s := &services{agent: a, all: all.GetStore(), slices: slices.GetStore(), dirty: make(chan struct{}, 1),
		open: map[string]closer{}, targets: map[string][]string{}}
	mark := func() {
		select {
		case s.dirty <- struct{}{}:
		default:
		}
	}
	for _, informer := range []cache.SharedIndexInformer{all, slices} {
		if _, err := informer.AddEventHandler(cache.ResourceEventHandlerFuncs{
			AddFunc: func(any) { mark() }, UpdateFunc: func(_, _ any) { mark() }, DeleteFunc: func(any) { mark() },
		}); err != nil {
			log.Printf("services: %v", err)
		}
	}
	go s.serve()
}

func (s *services) serve() {
	for {
		select {
		case <-s.agent.ctx.Done():
			return
		case <-s.dirty:
		}
		s.settle()
		// Changes in a burst are one change.
		pause(s.agent.ctx, 50*time.Millisecond)
	}
}

func (s *services) settle() {
	targets := map[string][]string{}
	for _, it := range s.all.List() {
		service, ok := it.(*core.Service)
		if !ok || len(service.Spec.Selector) == 0 || service.Spec.Type == core.ServiceTypeExternalName {
			continue
		}
		for _, port := range service.Spec.Ports {
			behind := s.behind(service, port.Name)
			if address := service.Spec.ClusterIP; address != "" && address != core.ClusterIPNone {
				targets[fmt.Sprintf("%s %s:%d", port.Protocol, address, port.Port)] = behind
			}
			if port.NodePort != 0 {
				targets[fmt.Sprintf("%s %s:%d", port.Protocol, s.agent.nodeIP, port.NodePort)] = behind
			}
		}
	}
	s.lock.Lock()
	s.targets = targets
	s.lock.Unlock()
	for key, opened := range s.open {
		if _, ok := targets[key]; !ok {
			opened.close()
			delete(s.open, key)
		}
	}
	for key := range targets {
		if s.open[key] == nil {
			s.listen(key)
		}
	}
}

func (s *services) listen(key string) {
	var protocol, address string
	if _, err := fmt.Sscanf(key, "%s %s", &protocol, &address); err != nil {
		return
	}
	var opened closer
	open := func() (err error) {
		opened, err = listen(protocol, address, func() string { return s.pick(key) })
		return err
	}
	var err error
	if host, _, split := net.SplitHostPort(address); split == nil && host != s.agent.nodeIP {
		namespace := s.agent.network.servicesNamespace()
		// There already for another port of the same service.
		_ = ip("", "-n", namespace, "addr", "add", host+"/32", "dev", "lo")
		err = within(namespace, open)
	} else {
		err = open()
	}
	if err != nil {
		log.Printf("service at %s: %v", key, err)
		return
	}
	s.open[key] = opened
}

func (s *services) behind(service *core.Service, port string) []string {
	var addresses []string
	for _, it := range s.slices.List() {
		slice, ok := it.(*discovery.EndpointSlice)
		if !ok || slice.Namespace != service.Namespace || slice.Labels[discovery.LabelServiceName] != service.Name {
			continue
		}
		for _, one := range slice.Ports {
			if one.Port == nil || or(one.Name, "") != port {
				continue
			}
			for _, endpoint := range slice.Endpoints {
				if or(endpoint.Conditions.Ready, true) && len(endpoint.Addresses) > 0 {
					addresses = append(addresses, net.JoinHostPort(endpoint.Addresses[0], strconv.Itoa(int(*one.Port))))
				}
			}
		}
	}
	return addresses
}

func (s *services) pick(key string) string {
	s.lock.Lock()
	defer s.lock.Unlock()
	behind := s.targets[key]
	if len(behind) == 0 {
		return ""
	}
	s.turn++
	return behind[s.turn%len(behind)]
}
