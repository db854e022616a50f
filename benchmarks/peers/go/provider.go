package main

import (
	"context"
	"os"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

type openaiProvider struct{}

type providerModel struct {
	APIKey  types.String `tfsdk:"api_key"`
	BaseURL types.String `tfsdk:"base_url"`
}

// New makes the provider.
func New() provider.Provider { return &openaiProvider{} }

func (p *openaiProvider) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "golang"
	resp.Version = "1.0.0"
}

func (p *openaiProvider) Schema(_ context.Context, _ provider.SchemaRequest, resp *provider.SchemaResponse) {
	resp.Schema = schema.Schema{
		Description: "OpenAI's API or a server that speaks it.",
		Attributes: map[string]schema.Attribute{
			"api_key":  schema.StringAttribute{Optional: true, Sensitive: true, Description: "Key of the API."},
			"base_url": schema.StringAttribute{Optional: true, Description: "Where the API is."},
		},
	}
}

func (p *openaiProvider) Configure(ctx context.Context, req provider.ConfigureRequest, resp *provider.ConfigureResponse) {
	var config providerModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	key, base := config.APIKey.ValueString(), config.BaseURL.ValueString()
	if key == "" {
		key = os.Getenv("OPENAI_API_KEY")
	}
	if base == "" {
		base = os.Getenv("OPENAI_BASE_URL")
	}
	if base == "" {
		base = "https://api.openai.com/v1"
	}
	client := NewClient(base, key)
	resp.ResourceData = client
	resp.DataSourceData = client
}

func (p *openaiProvider) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{NewThread}
}

func (p *openaiProvider) DataSources(context.Context) []func() datasource.DataSource { return nil }
