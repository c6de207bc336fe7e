{{- define "ringway.pod" -}}
metadata:
  annotations:
    {{- with .Values.providers.file.content }}
    checksum/dynamic: {{ sha256sum . }}
    {{- end }}
    {{- with .Values.deployment.podAnnotations }}
    {{- tpl (toYaml .) $ | nindent 4 }}
    {{- end }}
  labels:
    {{- include "ringway.labels" . | nindent 4 }}
    {{- with .Values.deployment.podLabels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
spec:
  serviceAccountName: {{ include "ringway.serviceAccount" . }}
  terminationGracePeriodSeconds: {{ .Values.deployment.terminationGracePeriodSeconds }}
  {{- if .Values.hostNetwork }}
  hostNetwork: true
  {{- end }}
  {{- if .Values.deployment.dnsPolicy }}
  dnsPolicy: {{ .Values.deployment.dnsPolicy }}
  {{- else if .Values.hostNetwork }}
  dnsPolicy: ClusterFirstWithHostNet
  {{- end }}
  {{- if .Values.deployment.shareProcessNamespace }}
  shareProcessNamespace: true
  {{- end }}
  {{- with .Values.deployment.runtimeClassName }}
  runtimeClassName: {{ . }}
  {{- end }}
  {{- with .Values.priorityClassName }}
  priorityClassName: {{ . }}
  {{- end }}
  {{- range $key, $value := dict "dnsConfig" .Values.deployment.dnsConfig "hostAliases" .Values.deployment.hostAliases "imagePullSecrets" .Values.deployment.imagePullSecrets "initContainers" .Values.deployment.initContainers "securityContext" .Values.podSecurityContext "nodeSelector" .Values.nodeSelector "tolerations" .Values.tolerations "affinity" .Values.affinity "topologySpreadConstraints" .Values.topologySpreadConstraints }}
  {{- if $value }}
  {{ $key }}:
    {{- tpl (toYaml $value) $ | nindent 4 }}
  {{- end }}
  {{- end }}
  containers:
    - name: {{ include "ringway.fullname" . }}
      image: {{ include "ringway.image" . | quote }}
      imagePullPolicy: {{ .Values.image.pullPolicy }}
      args:
        {{- include "ringway.arguments" . | trim | nindent 8 }}
      ports:
        {{- range $name := keys .Values.ports | sortAlpha }}
        {{- $port := get $.Values.ports $name }}
        {{- if $port }}
        - name: {{ $name | trunc 15 | trimSuffix "-" | quote }}
          containerPort: {{ int (default $port.port $port.containerPort) }}
          protocol: {{ default "TCP" $port.protocol }}
          {{- if $port.hostPort }}
          hostPort: {{ int $port.hostPort }}
          {{- end }}
          {{- with $port.hostIP }}
          hostIP: {{ . }}
          {{- end }}
        {{- end }}
        {{- end }}
      {{- include "ringway.probe" (dict "root" . "kind" "readinessProbe" "path" .Values.deployment.readinessPath) | nindent 6 }}
      {{- include "ringway.probe" (dict "root" . "kind" "livenessProbe" "path" .Values.deployment.livenessPath) | nindent 6 }}
      {{- if .Values.startupProbe }}
      {{- include "ringway.probe" (dict "root" . "kind" "startupProbe" "path" .Values.deployment.readinessPath) | nindent 6 }}
      {{- end }}
      {{- with .Values.deployment.lifecycle }}
      lifecycle:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with .Values.resources }}
      resources:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with .Values.securityContext }}
      securityContext:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      env:
        - name: POD_NAME
          valueFrom:
            fieldRef:
              fieldPath: metadata.name
        - name: POD_NAMESPACE
          valueFrom:
            fieldRef:
              fieldPath: metadata.namespace
        {{- with .Values.env }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
      {{- with .Values.envFrom }}
      envFrom:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      volumeMounts:
        - name: tmp
          mountPath: /tmp
        {{- if .Values.persistence.enabled }}
        - name: {{ .Values.persistence.name }}
          mountPath: {{ .Values.persistence.path }}
          {{- with .Values.persistence.subPath }}
          subPath: {{ . }}
          {{- end }}
        {{- end }}
        {{- if .Values.providers.file.enabled }}
        - name: dynamic
          mountPath: /etc/ringway/dynamic
          readOnly: true
        {{- end }}
        {{- range .Values.volumes }}
        - name: {{ tpl .name $ | replace "." "-" }}
          mountPath: {{ .mountPath }}
          readOnly: true
        {{- end }}
        {{- with .Values.additionalVolumeMounts }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
    {{- with .Values.deployment.additionalContainers }}
    {{- tpl (toYaml .) $ | nindent 4 }}
    {{- end }}
  volumes:
    - name: tmp
      emptyDir: {}
    {{- if .Values.persistence.enabled }}
    - name: {{ .Values.persistence.name }}
      persistentVolumeClaim:
        claimName: {{ default (include "ringway.fullname" .) .Values.persistence.existingClaim }}
    {{- end }}
    {{- if .Values.providers.file.enabled }}
    - name: dynamic
      configMap:
        name: {{ include "ringway.fullname" . }}-dynamic
    {{- end }}
    {{- range .Values.volumes }}
    - name: {{ tpl .name $ | replace "." "-" }}
      {{- if eq .type "secret" }}
      secret:
        secretName: {{ tpl .name $ }}
      {{- else }}
      configMap:
        name: {{ tpl .name $ }}
      {{- end }}
    {{- end }}
    {{- with .Values.deployment.additionalVolumes }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
{{- end -}}

{{- define "ringway.probe" -}}
{{- $values := .root.Values -}}
{{ .kind }}:
  httpGet:
    {{- with $values.deployment.healthchecksHost }}
    host: {{ . }}
    {{- end }}
    path: {{ default "/ping" .path }}
    port: {{ int (default $values.ports.traefik.port $values.deployment.healthchecksPort) }}
    scheme: {{ $values.deployment.healthchecksScheme }}
  {{- toYaml (get $values .kind) | nindent 2 }}
{{- end -}}
