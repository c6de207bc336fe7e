package main

import (
	"context"
	"fmt"
	"strings"

	core "k8s.io/api/core/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// variables are a container's environment in order; a later one may use an earlier one.
type variables struct {
	names  []string
	values map[string]string
}

func (v *variables) set(name, value string) {
	if _, ok := v.values[name]; !ok {
		v.names = append(v.names, name)
	}
	v.values[name] = value
}

// list gives them as a program takes them.
func (v *variables) list() []string {
	var pairs []string
	for _, name := range v.names {
		pairs = append(pairs, name+"="+v.values[name])
	}
	return pairs
}

// expand replaces $(NAME) where it is known; $$( stands for itself.
func (v *variables) expand(text string) string {
	var out strings.Builder
	for {
		at := strings.Index(text, "$(")
		if at < 0 {
			break
		}
		if at > 0 && text[at-1] == '$' {
			out.WriteString(text[:at])
			text = text[at+1:]
			continue
		}
		end := strings.IndexByte(text[at:], ')')
		if end < 0 {
			break
		}
		out.WriteString(text[:at])
		name := text[at+2 : at+end]
		if value, ok := v.values[name]; ok {
			out.WriteString(value)
		} else {
			out.WriteString(text[at : at+end+1])
		}
		text = text[at+end+1:]
	}
	out.WriteString(text)
	return out.String()
}

func (a *agent) environment(ctx context.Context, pod *core.Pod, container *core.Container, what image) (*variables, error) {
	env := &variables{values: map[string]string{}}
	env.set("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")
	env.set("HOSTNAME", hostnameOf(pod))
	env.set("HOME", "/")
	for name, value := range what.env {
		env.set(name, value)
	}
	if pod.Spec.EnableServiceLinks == nil || *pod.Spec.EnableServiceLinks {
		if err := a.serviceLinks(ctx, pod.Namespace, env); err != nil {
			return nil, err
		}
	}
	// Without a proxy for it, the server's own address instead of the service's.
	env.set("KUBERNETES_SERVICE_HOST", a.nodeIP)
	env.set("KUBERNETES_SERVICE_PORT", "6443")
	env.set("KUBERNETES_SERVICE_PORT_HTTPS", "6443")
	for _, source := range container.EnvFrom {
		var data map[string][]byte
		var err error
		if source.ConfigMapRef != nil {
			data, err = a.configMap(ctx, pod.Namespace, source.ConfigMapRef.Name, source.ConfigMapRef.Optional)
		} else if source.SecretRef != nil {
			data, err = a.secret(ctx, pod.Namespace, source.SecretRef.Name, source.SecretRef.Optional)
		}
		if err != nil {
			return nil, err
		}
		for key, value := range data {
			env.set(source.Prefix+key, string(value))
		}
	}
	for _, one := range container.Env {
		value, set, err := a.valueOf(ctx, pod, container, &one, env)
		if err != nil {
			return nil, err
		}
		if set {
			env.set(one.Name, value)
		}
	}
	return env, nil
}

func (a *agent) valueOf(ctx context.Context, pod *core.Pod, container *core.Container, one *core.EnvVar, env *variables) (string, bool, error) {
	from := one.ValueFrom
	switch {
	case from == nil:
		return env.expand(one.Value), true, nil
	case from.FieldRef != nil:
		return fieldOf(pod, from.FieldRef.FieldPath, a.nodeIP), true, nil
	case from.ResourceFieldRef != nil:
		return resourceOf(container, from.ResourceFieldRef), true, nil
	case from.ConfigMapKeyRef != nil:
		ref := from.ConfigMapKeyRef
		data, err := a.configMap(ctx, pod.Namespace, ref.Name, ref.Optional)
		return keyOf(data, ref.Key, ref.Optional, err)
	case from.SecretKeyRef != nil:
		ref := from.SecretKeyRef
		data, err := a.secret(ctx, pod.Namespace, ref.Name, ref.Optional)
		return keyOf(data, ref.Key, ref.Optional, err)
	}
	return "", false, fmt.Errorf("podlet doesn't know where the value of %s is from", one.Name)
}

func keyOf(data map[string][]byte, key string, optional *bool, err error) (string, bool, error) {
	if err != nil {
		return "", false, err
	}
	value, ok := data[key]
	if !ok && (optional == nil || !*optional) {
		return "", false, fmt.Errorf("there is no key %s", key)
	}
	return string(value), ok, nil
}

func fieldOf(pod *core.Pod, path, nodeIP string) string {
	if key, ok := strings.CutPrefix(path, "metadata.labels['"); ok {
		return pod.Labels[strings.TrimSuffix(key, "']")]
	}
	if key, ok := strings.CutPrefix(path, "metadata.annotations['"); ok {
		return pod.Annotations[strings.TrimSuffix(key, "']")]
	}
	switch path {
	case "metadata.name":
		return pod.Name
	case "metadata.namespace":
		return pod.Namespace
	case "metadata.uid":
		return string(pod.UID)
	case "spec.nodeName":
		return pod.Spec.NodeName
	case "spec.serviceAccountName":
		return pod.Spec.ServiceAccountName
	case "status.hostIP":
		return nodeIP
	case "status.podIP", "status.podIPs":
		return pod.Status.PodIP
	}
	return ""
}

func resourceOf(container *core.Container, ref *core.ResourceFieldSelector) string {
	kind, name, _ := strings.Cut(ref.Resource, ".")
	list := container.Resources.Limits
	if kind == "requests" {
		list = container.Resources.Requests
	}
	amount, ok := list[core.ResourceName(name)]
	if !ok {
		// What a kubelet does: the node's own size.
		return map[string]string{"cpu": "2", "memory": "8589934592"}[name]
	}
	value := amount.Value()
	if !ref.Divisor.IsZero() {
		value = (value + ref.Divisor.Value() - 1) / ref.Divisor.Value()
	}
	return fmt.Sprint(value)
}

// serviceLinks are the variables that every service of a namespace puts into every pod of it. A
// service named like the router gives names that look like the router's own options.
func (a *agent) serviceLinks(ctx context.Context, namespace string, env *variables) error {
	services, err := a.client.CoreV1().Services(namespace).List(ctx, meta.ListOptions{Limit: 100})
	if err != nil {
		return err
	}
	for _, service := range services.Items {
		address := service.Spec.ClusterIP
		if address == "" || address == core.ClusterIPNone || len(service.Spec.Ports) == 0 {
			continue
		}
		name := strings.ToUpper(strings.ReplaceAll(service.Name, "-", "_"))
		first := service.Spec.Ports[0]
		env.set(name+"_SERVICE_HOST", address)
		env.set(name+"_SERVICE_PORT", fmt.Sprint(first.Port))
		protocol := strings.ToLower(string(first.Protocol))
		env.set(name+"_PORT", fmt.Sprintf("%s://%s:%d", protocol, address, first.Port))
		for _, port := range service.Spec.Ports {
			protocol := strings.ToLower(string(port.Protocol))
			stem := fmt.Sprintf("%s_PORT_%d_%s", name, port.Port, port.Protocol)
			env.set(stem, fmt.Sprintf("%s://%s:%d", protocol, address, port.Port))
			env.set(stem+"_PROTO", protocol)
			env.set(stem+"_PORT", fmt.Sprint(port.Port))
			env.set(stem+"_ADDR", address)
			if port.Name != "" {
				env.set(name+"_SERVICE_PORT_"+strings.ToUpper(strings.ReplaceAll(port.Name, "-", "_")), fmt.Sprint(port.Port))
			}
		}
	}
	return nil
}

func hostnameOf(pod *core.Pod) string {
	if pod.Spec.Hostname != "" {
		return pod.Spec.Hostname
	}
	return pod.Name
}
