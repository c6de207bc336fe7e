// Command podlet is a node in one small program. It registers a node, binds pods to it, and runs
// each container as a process in its own network namespace, with its own address behind a bridge.
// Pods can reach each other and the node, nothing else: no route leads out.
//
// What it knows as an image is a table (images.go); there is no registry, and nothing is pulled.
// It is for tests: a container here is kept apart so that it behaves as in a cluster, not so that
// it cannot break out.
package main

import (
	"fmt"
	"os"
)

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "usage: podlet run|certificates|whoamiudp ..")
		os.Exit(2)
	}
	var err error
	switch os.Args[1] {
	case "run":
		err = run(os.Args[2:])
	case "enter":
		err = enter()
	case "certificates":
		err = certificates(os.Args[2:])
	case "whoamiudp":
		err = whoamiudp(os.Args[2:])
	default:
		err = fmt.Errorf("no command named %q", os.Args[1])
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "podlet:", err)
		os.Exit(1)
	}
}
