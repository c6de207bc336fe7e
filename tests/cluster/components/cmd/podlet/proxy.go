package main

import (
	"io"
	"net"
	"sync"
	"time"
)

// How long a client of a datagram port is remembered.
const datagramAge = 30 * time.Second

type closer interface{ close() }

// listen opens a port of the node and carries what comes to what pick names at that moment. It
// stands for what iptables do on other nodes, so the other side sees the node's address.
func listen(protocol, address string, pick func() string) (closer, error) {
	if protocol == "UDP" {
		socket, err := net.ListenPacket("udp", address)
		if err != nil {
			return nil, err
		}
		forward := &datagrams{socket: socket, pick: pick, flows: map[string]net.Conn{}}
		go forward.serve()
		return forward, nil
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, err
	}
	forward := &streams{listener: listener, pick: pick}
	go forward.serve()
	return forward, nil
}

type streams struct {
	listener net.Listener
	pick     func() string
}

func (s *streams) close() { _ = s.listener.Close() }

func (s *streams) serve() {
	for {
		client, err := s.listener.Accept()
		if err != nil {
			return
		}
		go s.carry(client)
	}
}

func (s *streams) carry(client net.Conn) {
	defer client.Close()
	target := s.pick()
	if target == "" {
		return
	}
	server, err := net.DialTimeout("tcp", target, 5*time.Second)
	if err != nil {
		return
	}
	defer server.Close()
	var both sync.WaitGroup
	copyHalf := func(to, from net.Conn) {
		// A broken side shows at the other one.
		_, _ = io.Copy(to, from)
		if half, ok := to.(*net.TCPConn); ok {
			_ = half.CloseWrite()
		}
	}
	both.Go(func() { copyHalf(server, client) })
	both.Go(func() { copyHalf(client, server) })
	both.Wait()
}

type datagrams struct {
	socket net.PacketConn
	pick   func() string
	lock   sync.Mutex
	flows  map[string]net.Conn
}

func (d *datagrams) close() {
	_ = d.socket.Close()
	d.lock.Lock()
	defer d.lock.Unlock()
	for _, flow := range d.flows {
		_ = flow.Close()
	}
}

func (d *datagrams) serve() {
	buffer := make([]byte, 64<<10)
	for {
		size, from, err := d.socket.ReadFrom(buffer)
		if err != nil {
			return
		}
		if flow := d.flow(from); flow != nil {
			// A lost datagram is what UDP allows.
			_, _ = flow.Write(buffer[:size])
		}
	}
}

func (d *datagrams) flow(from net.Addr) net.Conn {
	d.lock.Lock()
	defer d.lock.Unlock()
	key := from.String()
	if flow, ok := d.flows[key]; ok {
		return flow
	}
	target := d.pick()
	if target == "" {
		return nil
	}
	flow, err := net.Dial("udp", target)
	if err != nil {
		return nil
	}
	d.flows[key] = flow
	go d.back(key, from, flow)
	return flow
}

func (d *datagrams) back(key string, to net.Addr, flow net.Conn) {
	buffer := make([]byte, 64<<10)
	for {
		if err := flow.SetReadDeadline(time.Now().Add(datagramAge)); err != nil {
			break
		}
		size, err := flow.Read(buffer)
		if err != nil {
			break
		}
		_, _ = d.socket.WriteTo(buffer[:size], to)
	}
	d.lock.Lock()
	delete(d.flows, key)
	d.lock.Unlock()
	_ = flow.Close()
}
