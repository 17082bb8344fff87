package kindcluster

// Where the kubelet finds the API server's static pod, and where its manifest waits while a fault keeps it away.
const (
	apiManifest     = "/etc/kubernetes/manifests/kube-apiserver.yaml"
	apiManifestAway = "/etc/kubernetes/kube-apiserver.yaml.killed"
)

// Shell commands for a control plane's node.
const (
	// TakeAPI takes the API server's manifest from the kubelet and ends its container.
	TakeAPI = "mv " + apiManifest + " " + apiManifestAway + " && crictl stop --timeout 0 $(crictl ps --name kube-apiserver -q)"
	// GiveAPI gives the kubelet the manifest back, if it was taken.
	GiveAPI = "! test -e " + apiManifestAway + " || mv " + apiManifestAway + " " + apiManifest
)
