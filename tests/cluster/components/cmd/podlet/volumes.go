package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"

	authentication "k8s.io/api/authentication/v1"
	core "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// volumes lays a pod's volumes out under its folder and gives each one's path. Called again, it
// brings what changed: a volume of files is a link to a folder that is replaced whole.
func (a *agent) volumes(ctx context.Context, pod *core.Pod, folder string) (map[string]string, error) {
	paths := map[string]string{}
	for index := range pod.Spec.Volumes {
		volume := &pod.Spec.Volumes[index]
		path := filepath.Join(folder, "volumes", volume.Name)
		at, err := a.volume(ctx, pod, volume, path)
		if err != nil {
			return nil, fmt.Errorf("volume %s: %w", volume.Name, err)
		}
		paths[volume.Name] = at
	}
	return paths, nil
}

func (a *agent) volume(ctx context.Context, pod *core.Pod, volume *core.Volume, path string) (string, error) {
	switch {
	case volume.EmptyDir != nil:
		if err := os.MkdirAll(path, 0o777); err != nil {
			return "", err
		}
		return path, os.Chmod(path, 0o777)
	case volume.HostPath != nil:
		return volume.HostPath.Path, os.MkdirAll(volume.HostPath.Path, 0o755)
	case volume.PersistentVolumeClaim != nil:
		return a.claim(ctx, pod.Namespace, volume.PersistentVolumeClaim.ClaimName)
	}
	files := map[string][]byte{}
	if err := a.collect(ctx, pod, sourceOf(volume), files); err != nil {
		return "", err
	}
	return path, replaceFiles(path, files)
}

// sourceOf sees every volume of files as what a projected one is made of.
func sourceOf(volume *core.Volume) []core.VolumeProjection {
	switch {
	case volume.ConfigMap != nil:
		return []core.VolumeProjection{{ConfigMap: &core.ConfigMapProjection{
			LocalObjectReference: volume.ConfigMap.LocalObjectReference,
			Items:                volume.ConfigMap.Items, Optional: volume.ConfigMap.Optional}}}
	case volume.Secret != nil:
		return []core.VolumeProjection{{Secret: &core.SecretProjection{
			LocalObjectReference: core.LocalObjectReference{Name: volume.Secret.SecretName},
			Items:                volume.Secret.Items, Optional: volume.Secret.Optional}}}
	case volume.DownwardAPI != nil:
		return []core.VolumeProjection{{DownwardAPI: &core.DownwardAPIProjection{Items: volume.DownwardAPI.Items}}}
	case volume.Projected != nil:
		return volume.Projected.Sources
	}
	return []core.VolumeProjection{{}}
}

func (a *agent) collect(ctx context.Context, pod *core.Pod, sources []core.VolumeProjection, files map[string][]byte) error {
	for _, source := range sources {
		var err error
		switch {
		case source.ConfigMap != nil:
			var data map[string][]byte
			data, err = a.configMap(ctx, pod.Namespace, source.ConfigMap.Name, source.ConfigMap.Optional)
			err = errors.Join(err, pick(data, source.ConfigMap.Items, files))
		case source.Secret != nil:
			var data map[string][]byte
			data, err = a.secret(ctx, pod.Namespace, source.Secret.Name, source.Secret.Optional)
			err = errors.Join(err, pick(data, source.Secret.Items, files))
		case source.ServiceAccountToken != nil:
			var token string
			token, err = a.token(ctx, pod, source.ServiceAccountToken)
			files[source.ServiceAccountToken.Path] = []byte(token)
		case source.DownwardAPI != nil:
			for _, item := range source.DownwardAPI.Items {
				if item.FieldRef != nil {
					files[item.Path] = []byte(fieldOf(pod, item.FieldRef.FieldPath, a.nodeIP))
				}
			}
		default:
			err = errors.New("podlet doesn't know this kind of volume")
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (a *agent) configMap(ctx context.Context, namespace, name string, optional *bool) (map[string][]byte, error) {
	found, err := a.client.CoreV1().ConfigMaps(namespace).Get(ctx, name, meta.GetOptions{})
	if apierrors.IsNotFound(err) && optional != nil && *optional {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	data := map[string][]byte{}
	for key, value := range found.Data {
		data[key] = []byte(value)
	}
	for key, value := range found.BinaryData {
		data[key] = value
	}
	return data, nil
}

func (a *agent) secret(ctx context.Context, namespace, name string, optional *bool) (map[string][]byte, error) {
	found, err := a.client.CoreV1().Secrets(namespace).Get(ctx, name, meta.GetOptions{})
	if apierrors.IsNotFound(err) && optional != nil && *optional {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return found.Data, nil
}

// token asks for a token bound to this pod, as a kubelet does: with the pod it ends.
func (a *agent) token(ctx context.Context, pod *core.Pod, source *core.ServiceAccountTokenProjection) (string, error) {
	request := &authentication.TokenRequest{Spec: authentication.TokenRequestSpec{
		ExpirationSeconds: source.ExpirationSeconds,
		BoundObjectRef:    &authentication.BoundObjectReference{Kind: "Pod", APIVersion: "v1", Name: pod.Name, UID: pod.UID},
	}}
	if source.Audience != "" {
		request.Spec.Audiences = []string{source.Audience}
	}
	answer, err := a.client.CoreV1().ServiceAccounts(pod.Namespace).
		CreateToken(ctx, pod.Spec.ServiceAccountName, request, meta.CreateOptions{})
	if err != nil {
		return "", err
	}
	return answer.Status.Token, nil
}

// claim follows a claim to the folder on the node behind it.
func (a *agent) claim(ctx context.Context, namespace, name string) (string, error) {
	claim, err := a.client.CoreV1().PersistentVolumeClaims(namespace).Get(ctx, name, meta.GetOptions{})
	if err != nil {
		return "", err
	}
	if claim.Spec.VolumeName == "" {
		return "", fmt.Errorf("claim %s isn't bound", name)
	}
	volume, err := a.client.CoreV1().PersistentVolumes().Get(ctx, claim.Spec.VolumeName, meta.GetOptions{})
	if err != nil {
		return "", err
	}
	if volume.Spec.HostPath == nil {
		return "", fmt.Errorf("volume %s isn't a folder of the node", volume.Name)
	}
	// Under the cluster's own folder: what tests ask for isn't made in the machine's root.
	path := filepath.Join(a.folder, "disks", volume.Spec.HostPath.Path)
	if err := os.MkdirAll(path, 0o777); err != nil {
		return "", err
	}
	return path, os.Chmod(path, 0o777)
}

func pick(data map[string][]byte, items []core.KeyToPath, files map[string][]byte) error {
	if len(items) == 0 {
		for key, value := range data {
			files[key] = value
		}
		return nil
	}
	for _, item := range items {
		value, ok := data[item.Key]
		if !ok && data != nil {
			return fmt.Errorf("there is no key %s", item.Key)
		}
		files[item.Path] = value
	}
	return nil
}

// replaceFiles writes files the way a kubelet does: into a new folder, to which the link `..data`
// is then turned, so that a reader sees all of the old or all of the new.
func replaceFiles(path string, files map[string][]byte) error {
	if same(path, files) {
		return nil
	}
	version := "..v" + strconv.FormatInt(time.Now().UnixNano(), 10)
	for name, data := range files {
		target := filepath.Join(path, version, name)
		if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(target, data, 0o644); err != nil {
			return err
		}
	}
	if err := os.MkdirAll(filepath.Join(path, version), 0o755); err != nil {
		return err
	}
	before, _ := os.Readlink(filepath.Join(path, "..data"))
	next := filepath.Join(path, "..next")
	if err := os.Symlink(version, next); err != nil {
		return err
	}
	if err := os.Rename(next, filepath.Join(path, "..data")); err != nil {
		return err
	}
	for name := range files {
		top := topOf(name)
		// There already, after the first time.
		_ = os.Symlink(filepath.Join("..data", top), filepath.Join(path, top))
	}
	if before != "" {
		return os.RemoveAll(filepath.Join(path, before))
	}
	return nil
}

func topOf(name string) string {
	for filepath.Dir(name) != "." {
		name = filepath.Dir(name)
	}
	return name
}

func same(path string, files map[string][]byte) bool {
	entries, err := os.ReadDir(filepath.Join(path, "..data"))
	if err != nil || len(entries) != len(files) {
		return false
	}
	for name, data := range files {
		if there, err := os.ReadFile(filepath.Join(path, "..data", name)); err != nil || string(there) != string(data) {
			return false
		}
	}
	return true
}
