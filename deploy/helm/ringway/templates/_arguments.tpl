{{/* The router's command line. */}}
{{- define "ringway.arguments" -}}
{{- range .Values.globalArguments }}
- {{ . | quote }}
{{- end }}
{{- range $name := keys .Values.ports | sortAlpha }}
{{- $port := get $.Values.ports $name }}
{{- if $port }}
{{- include "ringway.entryPoint" (dict "name" $name "port" $port "ports" $.Values.ports) }}
{{- end }}
{{- end }}
- "--ping=true"
{{- include "ringway.flags" (dict "prefix" "ping" "value" .Values.ping) }}
{{- include "ringway.flags" (dict "prefix" "global" "value" .Values.global) }}
{{- include "ringway.flags" (dict "prefix" "core" "value" .Values.core) }}
{{- include "ringway.flags" (dict "prefix" "api" "value" .Values.api) }}
{{- include "ringway.flags" (dict "prefix" "metrics" "value" .Values.metrics) }}
{{- include "ringway.flags" (dict "prefix" "tracing" "value" .Values.tracing) }}
{{- include "ringway.flags" (dict "prefix" "experimental" "value" .Values.experimental) }}
{{- include "ringway.flags" (dict "prefix" "certificatesResolvers" "value" .Values.certificatesResolvers) }}
{{- include "ringway.providers" . }}
{{- include "ringway.logs" . }}
{{- range .Values.additionalArguments }}
- {{ . | quote }}
{{- end }}
{{- end -}}

{{- define "ringway.entryPoint" -}}
{{- $at := printf "entryPoints.%s" .name -}}
{{- $port := .port }}
- {{ printf "--%s.address=%s:%v/%s" $at (default "" $port.listenIP) (int $port.port) (lower (default "TCP" $port.protocol)) | quote }}
{{- $rest := omit $port "port" "listenIP" "protocol" "expose" "exposedPort" "hostPort" "hostIP" "containerPort" "nodePort" "targetPort" "appProtocol" "redirectTo" "redirections" "middlewares" "tls" "http3" }}
{{- include "ringway.flags" (dict "prefix" $at "value" $rest) }}
{{- with $port.middlewares }}
{{- include "ringway.flags" (dict "prefix" (printf "%s.http.middlewares" $at) "value" .) }}
{{- end }}
{{- with $port.redirections }}
{{- include "ringway.flags" (dict "prefix" (printf "%s.http.redirections" $at) "value" .) }}
{{- end }}
{{- with $port.redirectTo }}
{{- /* Once a name, later {port, permanent, priority}. What clients see is the target's public port. */}}
{{- $name := . }}{{ $more := dict }}
{{- if kindIs "map" . }}{{ $name = .port }}{{ $more = omit . "port" }}{{ end }}
{{- $target := get $.ports $name }}
{{- if not $target }}{{ fail (printf "ports.%s.redirectTo: there is no ports.%s" $.name $name) }}{{ end }}
- {{ printf "--%s.http.redirections.entryPoint.to=:%v" $at (int (default $target.port $target.exposedPort)) | quote }}
- {{ printf "--%s.http.redirections.entryPoint.scheme=https" $at | quote }}
{{- include "ringway.flags" (dict "prefix" (printf "%s.http.redirections.entryPoint" $at) "value" $more) }}
{{- end }}
{{- with $port.http3 }}
{{- if .enabled }}
- {{ printf "--%s.http3" $at | quote }}
{{- include "ringway.flags" (dict "prefix" (printf "%s.http3" $at) "value" (omit . "enabled")) }}
{{- end }}
{{- end }}
{{- with $port.tls }}
{{- if .enabled }}
- {{ printf "--%s.http.tls=true" $at | quote }}
{{- include "ringway.flags" (dict "prefix" (printf "%s.http.tls" $at) "value" (omit . "enabled")) }}
{{- end }}
{{- end }}
{{- end -}}

{{- define "ringway.providers" -}}
{{- range $name := list "kubernetesCRD" "kubernetesIngress" "kubernetesGateway" }}
{{- $options := get $.Values.providers $name }}
{{- if and $options $options.enabled }}
{{- $at := printf "providers.%s" (lower $name) }}
- {{ printf "--%s" $at | quote }}
{{- include "ringway.flags" (dict "prefix" $at "value" (omit $options "enabled" "publishedService")) }}
{{- with $options.publishedService }}
{{- if .enabled }}
- {{ printf "--%s.ingressEndpoint.publishedService=%s" $at (default (printf "%s/%s" (include "ringway.namespace" $) (include "ringway.fullname" $)) .pathOverride) | quote }}
{{- end }}
{{- end }}
{{- if and $.Values.rbac.namespaced (not $options.namespaces) }}
- {{ printf "--%s.namespaces=%s" $at (include "ringway.namespace" $) | quote }}
{{- end }}
{{- end }}
{{- end }}
{{- if .Values.providers.file.enabled }}
- "--providers.file.directory=/etc/ringway/dynamic"
- {{ printf "--providers.file.watch=%v" .Values.providers.file.watch | quote }}
{{- end }}
{{- end -}}

{{- define "ringway.logs" -}}
{{- $general := omit .Values.logs.general "noColor" }}
{{- include "ringway.flags" (dict "prefix" "log" "value" $general) }}
{{- if .Values.logs.general.noColor }}
- "--log.noColor=true"
{{- end }}
{{- with .Values.logs.access }}
{{- if .enabled }}
- "--accesslog=true"
{{- include "ringway.flags" (dict "prefix" "accesslog" "value" (omit . "enabled" "fields")) }}
{{- with .fields }}
{{- include "ringway.flags" (dict "prefix" "accesslog.fields" "value" .general) }}
{{- include "ringway.flags" (dict "prefix" "accesslog.fields.headers" "value" .headers) }}
{{- end }}
{{- end }}
{{- end }}
{{- end -}}
