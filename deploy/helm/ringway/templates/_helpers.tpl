{{- define "ringway.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- define "ringway.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 63 | trimSuffix "-" -}}
{{- else -}}
{{- .Release.Name | trunc 63 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "ringway.namespace" -}}
{{- default .Release.Namespace .Values.namespaceOverride -}}
{{- end -}}

{{- define "ringway.serviceAccount" -}}
{{- default (include "ringway.fullname" .) .Values.serviceAccount.name -}}
{{- end -}}

{{- define "ringway.ingressClass" -}}
{{- default (include "ringway.fullname" .) .Values.ingressClass.name -}}
{{- end -}}

{{- define "ringway.selector" -}}
app.kubernetes.io/name: {{ include "ringway.name" . }}
app.kubernetes.io/instance: {{ printf "%s-%s" .Release.Name (include "ringway.namespace" .) | trunc 63 | trimSuffix "-" }}
{{- end -}}

{{- define "ringway.labels" -}}
{{ include "ringway.selector" . }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "ringway.image" -}}
{{- $repository := .Values.image.repository -}}
{{- if .Values.image.name }}{{ $repository = .Values.image.name }}{{ end -}}
{{- if .Values.image.registry }}{{ $repository = printf "%s/%s" .Values.image.registry $repository }}{{ end -}}
{{- printf "%s:%s" $repository (default .Chart.AppVersion (toString .Values.image.tag)) -}}
{{- end -}}

{{/* Whether a port is reachable by the Service: `expose` is a boolean, or one for each Service. */}}
{{- define "ringway.exposed" -}}
{{- if kindIs "map" .expose }}{{ if .expose.default }}true{{ end }}{{ else if .expose }}true{{ end -}}
{{- end -}}

{{/*
Options as flags: {prefix: entryPoints.web, value: {..}}. Maps go down, lists of plain values are
joined by commas, lists of maps get indices. Nothing comes of nil, of "" and of empty lists.
*/}}
{{- define "ringway.flags" -}}
{{- $prefix := .prefix -}}
{{- if kindIs "map" .value -}}
{{- if and (eq (len .value) 0) .bare }}
- {{ printf "--%s" $prefix | quote }}
{{- end -}}
{{- range $key := keys .value | sortAlpha }}
{{- include "ringway.flags" (dict "prefix" (printf "%s.%s" $prefix $key) "value" (get $.value $key)) }}
{{- end -}}
{{- else if kindIs "slice" .value -}}
{{- if .value -}}
{{- if kindIs "map" (first .value) -}}
{{- range $index, $item := .value }}
{{- include "ringway.flags" (dict "prefix" (printf "%s[%d]" $prefix $index) "value" $item) }}
{{- end -}}
{{- else }}
- {{ printf "--%s=%s" $prefix (join "," .value) | quote }}
{{- end -}}
{{- end -}}
{{- else if kindIs "float64" .value }}
- {{ printf "--%s=%s" $prefix (.value | toJson) | quote }}
{{- else if not (or (kindIs "invalid" .value) (eq (toString .value) "")) }}
- {{ printf "--%s=%s" $prefix (toString .value) | quote }}
{{- end -}}
{{- end -}}
