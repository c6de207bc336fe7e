package main

import (
	"fmt"
	"net"
	"os"
	"strings"
)

// whoamiudp [PORT]: answers WHO with the host's name and addresses, anything else with itself.
func whoamiudp(args []string) error {
	port := "8080"
	if len(args) > 0 {
		port = args[0]
	}
	socket, err := net.ListenPacket("udp", ":"+port)
	if err != nil {
		return err
	}
	buffer := make([]byte, 64<<10)
	for {
		size, from, err := socket.ReadFrom(buffer)
		if err != nil {
			return err
		}
		text := string(buffer[:size])
		answer := "Received: " + text
		if strings.TrimSpace(text) == "WHO" {
			answer = identity()
		}
		// A client that is gone is no fault of ours.
		_, _ = socket.WriteTo([]byte(answer), from)
	}
}

func identity() string {
	name, err := os.Hostname()
	if err != nil {
		name = "unknown"
	}
	var text strings.Builder
	fmt.Fprintf(&text, "Hostname: %s\n", name)
	addresses, err := net.InterfaceAddrs()
	if err != nil {
		return text.String()
	}
	for _, address := range addresses {
		if network, ok := address.(*net.IPNet); ok && network.IP.To4() != nil {
			fmt.Fprintf(&text, "IP: %s\n", network.IP)
		}
	}
	return text.String()
}
