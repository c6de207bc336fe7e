package main

import (
	"log"
	"net"
	"strings"

	"golang.org/x/net/dns/dnsmessage"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// serveNames answers the names of Services, as a cluster's DNS does: the service's address, or
// the addresses behind a headless one. It knows no other names and asks nobody.
func (a *agent) serveNames() {
	socket, err := net.ListenPacket("udp", net.JoinHostPort(a.nodeIP, "53"))
	if err != nil {
		log.Printf("names: %v", err)
		return
	}
	go func() {
		<-a.ctx.Done()
		_ = socket.Close()
	}()
	buffer := make([]byte, 4096)
	for {
		size, from, err := socket.ReadFrom(buffer)
		if err != nil {
			return
		}
		if answer, err := a.answerName(buffer[:size]); err == nil {
			// Whoever asked asks again.
			_, _ = socket.WriteTo(answer, from)
		}
	}
}

func (a *agent) answerName(question []byte) ([]byte, error) {
	var message dnsmessage.Message
	if err := message.Unpack(question); err != nil {
		return nil, err
	}
	message.Response, message.Authoritative, message.Additionals = true, true, nil
	message.RCode = dnsmessage.RCodeNameError
	if len(message.Questions) == 1 {
		asked := message.Questions[0]
		addresses, known := a.lookUp(strings.ToLower(strings.TrimSuffix(asked.Name.String(), ".")))
		if known {
			message.RCode = dnsmessage.RCodeSuccess
		}
		for _, address := range addresses {
			four := net.ParseIP(address).To4()
			if asked.Type != dnsmessage.TypeA || four == nil {
				continue
			}
			message.Answers = append(message.Answers, dnsmessage.Resource{
				Header: dnsmessage.ResourceHeader{Name: asked.Name, Class: dnsmessage.ClassINET, TTL: 2},
				Body:   &dnsmessage.AResource{A: [4]byte(four)}})
		}
	}
	return message.Pack()
}

func (a *agent) lookUp(name string) ([]string, bool) {
	labels := strings.Split(name, ".")
	if len(labels) < 3 || labels[2] != "svc" {
		return nil, false
	}
	service, err := a.client.CoreV1().Services(labels[1]).Get(a.ctx, labels[0], meta.GetOptions{})
	if err != nil {
		return nil, false
	}
	if service.Spec.ClusterIP != "None" {
		return []string{service.Spec.ClusterIP}, true
	}
	slices, err := a.client.DiscoveryV1().EndpointSlices(labels[1]).List(a.ctx,
		meta.ListOptions{LabelSelector: "kubernetes.io/service-name=" + labels[0]})
	if err != nil {
		return nil, true
	}
	var addresses []string
	for _, slice := range slices.Items {
		for _, endpoint := range slice.Endpoints {
			if or(endpoint.Conditions.Ready, true) {
				addresses = append(addresses, endpoint.Addresses...)
			}
		}
	}
	return addresses, true
}
