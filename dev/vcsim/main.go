// Command vcsim serves one simulated vCenter on a loopback address, for tests, benchmarks and demos.
//
// The simulator is govmomi's, as Debian packages it (golang-github-vmware-govmomi-dev); this program configures it,
// corrects what would make two instances indistinguishable, and, with -strict, adds the parts in paging.go and
// privileges.go. When the server answers, one line of JSON is written to standard output; everything else goes to
// standard error.
package main

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/url"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/google/uuid"
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/simulator/vpx"

	// Imported for their init functions, each of which adds endpoints of a vCenter beside /sdk.
	_ "github.com/vmware/govmomi/cns/simulator"
	_ "github.com/vmware/govmomi/lookup/simulator"
	_ "github.com/vmware/govmomi/pbm/simulator"
	_ "github.com/vmware/govmomi/sts/simulator"
	_ "github.com/vmware/govmomi/vapi/cluster/simulator"
	_ "github.com/vmware/govmomi/vapi/namespace/simulator"
	_ "github.com/vmware/govmomi/vapi/simulator"
)

type options struct {
	listen, user, password string
	cert, key              string
	plain                  bool
	instanceUUID           string
	apiVersion, apiType    string
	sessionIdle            time.Duration
	ipBase                 string
	templates              int
	strict, withParent     bool
	delay                  int
	methodDelay            methodDelays
}

func main() {
	log.SetFlags(log.Ltime | log.Lmicroseconds)
	log.SetPrefix("vcsim: ")

	model := simulator.VPX()
	o := parse(model)
	ended := end(o.withParent)

	removeTemporary, err := temporary()
	if err != nil {
		log.Fatal(err)
	}
	failed := make(chan error, 1)
	go func() {
		if err := serve(model, o); err != nil {
			failed <- err
		}
	}()

	status := 0
	select {
	case why := <-ended:
		log.Printf("stopping: %s", why)
	case err := <-failed:
		log.Printf("cannot start: %v", err)
		status = 1
	}
	// The server is not closed first: it would wait for clients that hang in WaitForUpdatesEx.
	removeTemporary()
	os.Exit(status)
}

func parse(model *simulator.Model) options {
	o := options{methodDelay: methodDelays{}}
	flag.StringVar(&o.listen, "listen", "127.0.0.1:0", "loopback address and port; port 0 takes a free one")
	flag.StringVar(&o.user, "user", "", "the only user who may log in; when empty, any name and password may")
	flag.StringVar(&o.password, "password", "", "the password of -user")
	flag.StringVar(&o.cert, "cert", "", "PEM file with the certificate (default: a fresh self-signed one)")
	flag.StringVar(&o.key, "key", "", "PEM file with the key of -cert")
	flag.BoolVar(&o.plain, "plain", false, "serve http instead of https")
	flag.StringVar(&o.instanceUUID, "instance-uuid", "", "about.instanceUuid (default: a fresh one)")
	flag.StringVar(&o.apiVersion, "api-version", "7.0.3", "about.version and about.apiVersion")
	flag.StringVar(&o.apiType, "api-type", "VirtualCenter", "about.apiType; HostAgent is what an ESXi host says")
	flag.DurationVar(&o.sessionIdle, "session-idle", 0, "end sessions that were idle this long; 0 keeps them")
	flag.StringVar(&o.ipBase, "ip-base", "", "IPv4 address of the first guest, the next one for each further guest (default: none has any)")
	flag.IntVar(&o.templates, "template", 0, "VMs to turn into templates in each datacenter")
	flag.BoolVar(&o.strict, "strict", false, "page retrievals by maxObjects; answer privilege questions from the permissions that were set")
	flag.BoolVar(&o.withParent, "with-parent", false, "end when standard input reaches its end")
	flag.IntVar(&o.delay, "delay", 0, "milliseconds to wait before each call is answered")
	flag.Var(o.methodDelay, "method-delay", "the same for single methods: Method=milliseconds,…")

	flag.IntVar(&model.Datacenter, "dc", model.Datacenter, "datacenters")
	flag.IntVar(&model.Cluster, "cluster", model.Cluster, "clusters in each datacenter")
	flag.IntVar(&model.ClusterHost, "host", model.ClusterHost, "hosts in each cluster")
	flag.IntVar(&model.Host, "standalone-host", model.Host, "hosts outside clusters in each datacenter")
	flag.IntVar(&model.Pool, "pool", model.Pool, "resource pools below the root pool of each cluster")
	flag.IntVar(&model.Datastore, "ds", model.Datastore, "datastores in each datacenter")
	flag.IntVar(&model.Pod, "pod", model.Pod, "datastore clusters in each datacenter")
	flag.IntVar(&model.Machine, "vm", model.Machine, "VMs in each cluster and on each standalone host")
	flag.IntVar(&model.Portgroup, "pg", model.Portgroup, "distributed port groups in each datacenter")
	flag.IntVar(&model.Folder, "folder", model.Folder, "how many of the datacenters lie in a folder, and have folders inside")
	flag.Parse()

	if flag.NArg() > 0 {
		usage("unexpected argument %q", flag.Arg(0))
	}
	host, _, err := net.SplitHostPort(o.listen)
	if err != nil {
		usage("-listen: %v", err)
	}
	if ip := net.ParseIP(host); ip == nil || !ip.IsLoopback() {
		usage("-listen %s: only a loopback address is served", o.listen)
	}
	if (o.cert == "") != (o.key == "") {
		usage("-cert and -key go together")
	}
	if o.instanceUUID == "" {
		o.instanceUUID = uuid.NewString()
	}
	return o
}

func usage(format string, args ...interface{}) {
	fmt.Fprintf(os.Stderr, "vcsim: "+format+"\n", args...)
	os.Exit(2)
}

// end tells, once, why the program shall end.
func end(withParent bool) <-chan string {
	ended := make(chan string, 2)
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM)
	go func() { ended <- (<-signals).String() }()
	if withParent {
		go func() {
			_, _ = io.Copy(io.Discard, os.Stdin)
			ended <- "standard input ended"
		}()
	}
	return ended
}

// serve returns when the server answers, or with the reason why it cannot.
func serve(model *simulator.Model, o options) (err error) {
	// The simulator panics where it cannot listen, and on some impossible inventories.
	defer func() {
		if reason := recover(); reason != nil {
			err = fmt.Errorf("%v", reason)
		}
	}()

	simulator.SessionIdleTimeout = o.sessionIdle
	model.ServiceContent = vpx.ServiceContent
	about := &model.ServiceContent.About
	about.InstanceUuid = o.instanceUUID
	about.Version, about.ApiVersion = o.apiVersion, o.apiVersion
	about.FullName = fmt.Sprintf("%s %s build-%s", about.Name, about.Version, about.Build)

	begun := time.Now()
	if err := model.Create(); err != nil {
		return err
	}
	ctx := context.Background()
	if err := markTemplates(ctx, model.Service, o.templates); err != nil {
		return err
	}
	giveUUIDs(o.instanceUUID)
	if o.ipBase != "" {
		if err := giveAddresses(o.ipBase); err != nil {
			return err
		}
	}
	if o.strict {
		pageRetrievals(model.ServiceContent)
		checkPrivileges(model.ServiceContent)
	}
	// Not earlier: the calls above would be delayed too.
	model.DelayConfig.Delay = o.delay
	model.DelayConfig.MethodDelay = o.methodDelay

	service := model.Service
	service.Listen = &url.URL{Host: o.listen}
	if o.user != "" {
		service.Listen.User = url.UserPassword(o.user, o.password)
	}
	if !o.plain {
		service.TLS = &tls.Config{MinVersion: tls.VersionTLS12}
		if o.cert != "" {
			pair, err := tls.LoadX509KeyPair(o.cert, o.key)
			if err != nil {
				return err
			}
			service.TLS.Certificates = []tls.Certificate{pair}
		} else {
			pair, err := ownCertificate()
			if err != nil {
				return err
			}
			service.TLS.Certificates = []tls.Certificate{pair}
		}
	}
	service.RegisterEndpoints = true
	server := service.NewServer()
	// Only now: a model that says it is a host would have been built as one, with a host's few objects.
	pretendToBe(o.apiType)

	at := *server.URL
	at.User = nil
	return announce(model, at.String(), o.instanceUUID, time.Since(begun))
}

func announce(model *simulator.Model, at, instanceUUID string, took time.Duration) error {
	count := model.Count()
	line, err := json.Marshal(map[string]interface{}{
		"url":          at,
		"instanceUuid": instanceUUID,
		"buildSeconds": took.Seconds(),
		"datacenters":  count.Datacenter,
		"clusters":     count.Cluster,
		"hosts":        count.Host,
		"pools":        count.Pool,
		"datastores":   count.Datastore,
		"storagePods":  count.Pod,
		"portgroups":   count.Portgroup,
		"folders":      count.Folder,
		"vms":          count.Machine,
		"templates":    countTemplates(),
	})
	if err != nil {
		return err
	}
	_, err = fmt.Println(string(line))
	return err
}

// methodDelays is the value of -method-delay.
type methodDelays map[string]int

func (d methodDelays) String() string { return "" }

func (d methodDelays) Set(text string) error {
	for _, item := range strings.Split(text, ",") {
		method, millis, ok := strings.Cut(item, "=")
		n, err := strconv.ParseUint(millis, 10, 31)
		if !ok || method == "" || err != nil {
			return fmt.Errorf("%q is not Method=milliseconds", item)
		}
		d[strings.TrimSpace(method)] = int(n)
	}
	return nil
}
