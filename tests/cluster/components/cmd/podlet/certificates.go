package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

// authority signs everything that speaks in one cluster.
type authority struct {
	folder string
	cert   *x509.Certificate
	key    *ecdsa.PrivateKey
}

// certificates FOLDER NODE_IP: makes all keys of a cluster and the administrator's kubeconfig.
func certificates(args []string) error {
	if len(args) != 2 {
		return fmt.Errorf("usage: podlet certificates FOLDER NODE_IP")
	}
	folder, nodeIP := args[0], net.ParseIP(args[1])
	if nodeIP == nil {
		return fmt.Errorf("%q is no address", args[1])
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	root, err := newAuthority(folder)
	if err != nil {
		return err
	}
	server := []string{"localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc",
		"kubernetes.default.svc.cluster.local"}
	addresses := []net.IP{nodeIP, net.IPv4(127, 0, 0, 1), net.IPv4(10, 96, 0, 1)}
	for _, one := range []struct {
		file, name, group string
		names             []string
		addresses         []net.IP
	}{
		{"apiserver", "kube-apiserver", "", server, addresses},
		{"kubelet", "node1", "system:nodes", []string{"node1"}, addresses[:1]},
		{"kubelet-client", "kube-apiserver-kubelet-client", "", nil, nil},
		{"admin", "admin", "system:masters", nil, nil},
	} {
		if err := root.issue(one.file, one.name, one.group, one.names, one.addresses); err != nil {
			return err
		}
	}
	if _, err := writeKey(filepath.Join(folder, "service-account.key")); err != nil {
		return err
	}
	return root.kubeconfig(fmt.Sprintf("https://%s:6443", nodeIP))
}

func newAuthority(folder string) (*authority, error) {
	key, err := writeKey(filepath.Join(folder, "ca.key"))
	if err != nil {
		return nil, err
	}
	template := frame("ringway-test-ca", "")
	template.IsCA = true
	template.KeyUsage = x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, err
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, err
	}
	return &authority{folder, cert, key}, writePEM(filepath.Join(folder, "ca.crt"), "CERTIFICATE", der)
}

func (a *authority) issue(file, name, group string, names []string, addresses []net.IP) error {
	key, err := writeKey(filepath.Join(a.folder, file+".key"))
	if err != nil {
		return err
	}
	template := frame(name, group)
	template.DNSNames, template.IPAddresses = names, addresses
	template.KeyUsage = x509.KeyUsageDigitalSignature
	template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, key.Public(), a.key)
	if err != nil {
		return err
	}
	return writePEM(filepath.Join(a.folder, file+".crt"), "CERTIFICATE", der)
}

func (a *authority) kubeconfig(server string) error {
	data := func(file string) string {
		bytes, err := os.ReadFile(filepath.Join(a.folder, file))
		if err != nil {
			return ""
		}
		return base64.StdEncoding.EncodeToString(bytes)
	}
	text := fmt.Sprintf(`apiVersion: v1
kind: Config
current-context: ringway
clusters:
- name: ringway
  cluster:
    server: %s
    certificate-authority-data: %s
users:
- name: admin
  user:
    client-certificate-data: %s
    client-key-data: %s
contexts:
- name: ringway
  context:
    cluster: ringway
    user: admin
`, server, data("ca.crt"), data("admin.crt"), data("admin.key"))
	return os.WriteFile(filepath.Join(a.folder, "kubeconfig"), []byte(text), 0o600)
}

func frame(name, group string) *x509.Certificate {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		panic(err) // The system has no randomness: nothing else will work either.
	}
	subject := pkix.Name{CommonName: name}
	if group != "" {
		subject.Organization = []string{group}
	}
	return &x509.Certificate{
		SerialNumber:          serial,
		Subject:               subject,
		NotBefore:             time.Now().Add(-time.Hour),
		NotAfter:              time.Now().Add(10 * 365 * 24 * time.Hour),
		BasicConstraintsValid: true,
	}
}

func writeKey(path string) (*ecdsa.PrivateKey, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	der, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		return nil, err
	}
	return key, writePEM(path, "EC PRIVATE KEY", der)
}

func writePEM(path, kind string, der []byte) error {
	return os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600)
}
