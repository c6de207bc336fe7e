package main

import (
	"strings"
)

// image is what a container runs and what its root holds besides the host's files.
type image struct {
	entrypoint []string
	// command is what runs when neither command nor args are given, after the entrypoint.
	command []string
	// env is there unless the container sets it.
	env map[string]string
	// files are laid into the root; links shows programs of the host under the image's names.
	files map[string]string
	links map[string]string
	user  int64
}

const welcome = `<!DOCTYPE html>
<html>
<head><title>Welcome to nginx!</title></head>
<body><h1>Welcome to nginx!</h1><p>A page of the test cluster.</p></body>
</html>
`

const nginxConfig = `worker_processes 1;
pid /tmp/nginx.pid;
error_log /dev/stderr warn;
events { worker_connections 512; }
http {
  access_log /dev/stdout;
  default_type text/html;
  client_body_temp_path /tmp/body;
  proxy_temp_path /tmp/proxy;
  fastcgi_temp_path /tmp/fastcgi;
  uwsgi_temp_path /tmp/uwsgi;
  scgi_temp_path /tmp/scgi;
  include /etc/nginx/conf.d/*.conf;
}
`

const nginxSite = `server {
  listen 80 default_server;
  location / { root /usr/share/nginx/html; index index.html; }
}
`

// imageOf finds what an image's name stands for. Registry and tag say nothing here.
func imageOf(reference string, programs programs) (image, bool) {
	name := reference
	if at := strings.IndexByte(name, '@'); at >= 0 {
		name = name[:at]
	}
	if colon := strings.LastIndexByte(name, ':'); colon > strings.LastIndexByte(name, '/') {
		name = name[:colon]
	}
	switch name[strings.LastIndexByte(name, '/')+1:] {
	case "whoami":
		return image{
			entrypoint: []string{"/whoami"},
			files:      map[string]string{"/whoami": script("/usr/local/bin/ringway whoami")},
			links:      map[string]string{"/usr/local/bin/ringway": programs.ringway},
		}, true
	case "whoamiudp":
		return image{
			entrypoint: []string{"/whoamiudp"},
			files:      map[string]string{"/whoamiudp": script("/usr/local/bin/podlet whoamiudp")},
			links:      map[string]string{"/usr/local/bin/podlet": programs.podlet},
		}, true
	case "nexus":
		// The tutorial's Nexus needs a gigabyte; what it is there for is to show its path.
		return image{
			entrypoint: []string{"/nexus"},
			command:    []string{"--port=8081"},
			files:      map[string]string{"/nexus": script("/usr/local/bin/ringway whoami --name=nexus")},
			links:      map[string]string{"/usr/local/bin/ringway": programs.ringway},
		}, true
	case "nginx":
		return image{
			entrypoint: []string{"/usr/sbin/nginx"},
			command:    []string{"-g", "daemon off;"},
			files: map[string]string{
				"/etc/nginx/nginx.conf":             nginxConfig,
				"/etc/nginx/conf.d/default.conf":    nginxSite,
				"/usr/share/nginx/html/index.html":  welcome,
				"/usr/share/nginx/html/50x.html":    welcome,
				"/usr/share/nginx/html/favicon.ico": "",
			},
		}, true
	case "ringway", "traefik":
		return image{
			entrypoint: []string{"/usr/local/bin/ringway"},
			links: map[string]string{
				"/usr/local/bin/ringway": programs.ringway,
				"/usr/local/bin/traefik": programs.ringway,
			},
			user: 65532,
		}, true
	case "mongo":
		if programs.mongo == "" {
			return image{}, false
		}
		return image{
			entrypoint: []string{"/usr/local/bin/mongod"},
			links:      map[string]string{"/usr/local/bin/mongod": programs.mongo},
		}, true
	case "debian", "busybox":
		return image{entrypoint: []string{"/bin/sh"}}, true
	}
	return image{}, false
}

func script(command string) string {
	return "#!/bin/sh\nexec " + command + " \"$@\"\n"
}
