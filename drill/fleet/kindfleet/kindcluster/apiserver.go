package kindcluster

import "path"

// KubernetesDir is where a control plane's node has its configuration, with the kubelet's static pods below it.
const KubernetesDir = "/etc/kubernetes"

// TakeAPI is a shell command for a control plane's node: it takes the API server's manifest from the kubelet, and ends the API
// server with SIGKILL. Where none runs it fails and leaves all as it was. The node sees its pods' processes, and every image
// of kind's has pkill.
func TakeAPI(dir string) string {
	return "mv " + manifest(dir) + " " + away(dir) + " && { pkill -KILL -x kube-apiserver || { mv " + away(dir) + " " + manifest(dir) +
		"; echo no kube-apiserver runs >&2; exit 1; }; }"
}

// GiveAPI is a shell command that gives the kubelet the manifest back, if it was taken.
func GiveAPI(dir string) string {
	return "! test -e " + away(dir) + " || mv " + away(dir) + " " + manifest(dir)
}

func manifest(dir string) string { return path.Join(dir, "manifests", "kube-apiserver.yaml") }

// away is where the manifest waits while a fault keeps it from the kubelet: in no folder that this watches.
func away(dir string) string { return path.Join(dir, "kube-apiserver.yaml.killed") }
