package main

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"
)

const kubeletPort = 10250

// serveLogs answers `kubectl logs`: the part of a kubelet's own server that is worth having here.
func (a *agent) serveLogs() {
	bytes, err := os.ReadFile(filepath.Join(a.secrets, "ca.crt"))
	if err != nil {
		log.Printf("logs: %v", err)
		return
	}
	clients := x509.NewCertPool()
	clients.AppendCertsFromPEM(bytes)
	mux := http.NewServeMux()
	mux.HandleFunc("GET /containerLogs/{namespace}/{pod}/{container}", a.answerLogs)
	server := &http.Server{
		Addr:      net.JoinHostPort(a.nodeIP, fmt.Sprint(kubeletPort)),
		Handler:   mux,
		TLSConfig: &tls.Config{ClientCAs: clients, ClientAuth: tls.RequireAndVerifyClientCert},
	}
	go func() {
		<-a.ctx.Done()
		_ = server.Close()
	}()
	key := filepath.Join(a.secrets, "kubelet")
	if err := server.ListenAndServeTLS(key+".crt", key+".key"); err != nil && a.ctx.Err() == nil {
		log.Printf("logs: %v", err)
	}
}

func (a *agent) answerLogs(answer http.ResponseWriter, request *http.Request) {
	path := a.logPath(request.PathValue("namespace"), request.PathValue("pod"), request.PathValue("container"))
	file, err := os.Open(path)
	if err != nil {
		http.Error(answer, err.Error(), http.StatusNotFound)
		return
	}
	defer file.Close()
	if lines := request.URL.Query().Get("tailLines"); lines != "" {
		var count int
		if _, err := fmt.Sscan(lines, &count); err == nil {
			skipTo(file, count)
		}
	}
	follow := request.URL.Query().Get("follow") == "true"
	for {
		// The reader is gone, or the container's file ends here for now.
		if _, err := io.Copy(answer, file); err != nil || !follow {
			return
		}
		if flusher, ok := answer.(http.Flusher); ok {
			flusher.Flush()
		}
		select {
		case <-request.Context().Done():
			return
		case <-time.After(200 * time.Millisecond):
		}
	}
}

func skipTo(file *os.File, lines int) {
	bytes, err := io.ReadAll(file)
	if err != nil {
		return
	}
	all := strings.SplitAfter(strings.TrimSuffix(string(bytes), "\n"), "\n")
	skipped := 0
	for _, line := range all[:max(0, len(all)-lines)] {
		skipped += len(line)
	}
	// Where that fails, the whole is shown.
	_, _ = file.Seek(int64(skipped), io.SeekStart)
}
