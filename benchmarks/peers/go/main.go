// The thread of this project as an ordinary Go provider would have it, for `make bench` alone: what is usual on
// terraform-plugin-framework and net/http, without journal, recovery, or a second API.
package main

import (
	"context"
	"log"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
)

func main() {
	err := providerserver.Serve(context.Background(), New, providerserver.ServeOpts{
		Address: "localhost/benchmarks/golang",
	})
	if err != nil {
		log.Fatal(err)
	}
}
