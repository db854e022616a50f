package main

import (
	"context"
	"errors"

	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/mapvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/int64planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/listplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

type thread struct{ client *Client }

// NewThread makes the resource.
func NewThread() resource.Resource { return &thread{} }

var (
	_ resource.ResourceWithConfigure   = &thread{}
	_ resource.ResourceWithImportState = &thread{}
	_ resource.ResourceWithModifyPlan  = &thread{}
)

type attachmentModel struct {
	FileID types.String `tfsdk:"file_id"`
	Tools  types.List   `tfsdk:"tools"`
}

type messageModel struct {
	Role        types.String      `tfsdk:"role"`
	Content     types.String      `tfsdk:"content"`
	Metadata    types.Map         `tfsdk:"metadata"`
	Attachments []attachmentModel `tfsdk:"attachments"`
	FileIDs     types.List        `tfsdk:"file_ids"`
}

type codeInterpreterModel struct {
	FileIDs types.List `tfsdk:"file_ids"`
}

type fileSearchModel struct {
	VectorStoreIDs types.List `tfsdk:"vector_store_ids"`
}

type toolResourcesModel struct {
	CodeInterpreter *codeInterpreterModel `tfsdk:"code_interpreter"`
	FileSearch      *fileSearchModel      `tfsdk:"file_search"`
}

type threadModel struct {
	ID              types.String        `tfsdk:"id"`
	Object          types.String        `tfsdk:"object"`
	CreatedAt       types.Int64         `tfsdk:"created_at"`
	Metadata        types.Map           `tfsdk:"metadata"`
	Messages        []messageModel      `tfsdk:"messages"`
	MessageIDs      types.List          `tfsdk:"message_ids"`
	Tools           types.List          `tfsdk:"tools"`
	ToolResources   *toolResourcesModel `tfsdk:"tool_resources"`
	RetainOnDestroy types.Bool          `tfsdk:"retain_on_destroy"`
}

func (t *thread) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_thread"
}

func (t *thread) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	tools := []validator.List{listvalidator.ValueStringsAre(stringvalidator.OneOf("code_interpreter", "file_search"))}
	metadata := []validator.Map{
		mapvalidator.SizeAtMost(16),
		mapvalidator.KeysAre(stringvalidator.LengthBetween(1, 64)),
		mapvalidator.ValueStringsAre(stringvalidator.LengthAtMost(512)),
	}
	resp.Schema = schema.Schema{
		Description: "A conversation: metadata, the messages it starts with, and what its tools may use.",
		Attributes: map[string]schema.Attribute{
			"id": schema.StringAttribute{Computed: true, Description: "Id at the API.",
				PlanModifiers: []planmodifier.String{stringplanmodifier.UseStateForUnknown()}},
			"object": schema.StringAttribute{Computed: true, Description: "Always thread.",
				PlanModifiers: []planmodifier.String{stringplanmodifier.UseStateForUnknown()}},
			"created_at": schema.Int64Attribute{Computed: true, Description: "When the thread was made.",
				PlanModifiers: []planmodifier.Int64{int64planmodifier.UseStateForUnknown()}},
			"message_ids": schema.ListAttribute{ElementType: types.StringType, Computed: true,
				Description:   "Ids of messages, in their order.",
				PlanModifiers: []planmodifier.List{listplanmodifier.UseStateForUnknown()}},
			"metadata": schema.MapAttribute{ElementType: types.StringType, Optional: true, Validators: metadata,
				Description: "Pairs kept with the thread."},
			"messages": schema.ListNestedAttribute{Optional: true,
				Description:   "Messages that the thread starts with, oldest first.",
				PlanModifiers: []planmodifier.List{listplanmodifier.RequiresReplace()},
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"role": schema.StringAttribute{Required: true, Description: "Who speaks.",
						Validators: []validator.String{stringvalidator.OneOf("user", "assistant", "system", "developer")}},
					"content": schema.StringAttribute{Required: true, Description: "Text of the message.",
						Validators: []validator.String{stringvalidator.LengthAtLeast(1)}},
					"metadata": schema.MapAttribute{ElementType: types.StringType, Optional: true, Validators: metadata,
						Description: "Pairs kept with the message."},
					"attachments": schema.ListNestedAttribute{Optional: true, Description: "Files of the message.",
						NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
							"file_id": schema.StringAttribute{Required: true, Description: "Id of an uploaded file."},
							"tools": schema.ListAttribute{ElementType: types.StringType, Optional: true, Validators: tools,
								Description: "Tools that may use the file."},
						}}},
					"file_ids": schema.ListAttribute{ElementType: types.StringType, Optional: true,
						Description: "Ids of files of the message."},
				}}},
			"tools": schema.ListAttribute{ElementType: types.StringType, Optional: true, Validators: tools,
				Description: "Tools that responses on this thread should have."},
			"tool_resources": schema.SingleNestedAttribute{Optional: true, Description: "What the tools may use.",
				Attributes: map[string]schema.Attribute{
					"code_interpreter": schema.SingleNestedAttribute{Optional: true, Attributes: map[string]schema.Attribute{
						"file_ids": schema.ListAttribute{ElementType: types.StringType, Optional: true,
							Validators: []validator.List{listvalidator.SizeAtMost(20)}},
					}},
					"file_search": schema.SingleNestedAttribute{Optional: true, Attributes: map[string]schema.Attribute{
						"vector_store_ids": schema.ListAttribute{ElementType: types.StringType, Optional: true,
							Validators: []validator.List{listvalidator.SizeAtMost(1)}},
					}},
				}},
			"retain_on_destroy": schema.BoolAttribute{Optional: true,
				Description: "Leave the thread at the API when it is destroyed here."},
		},
	}
}

func (t *thread) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	if req.ProviderData == nil {
		return
	}
	client, ok := req.ProviderData.(*Client)
	if !ok {
		resp.Diagnostics.AddError("Unexpected provider data", "Not a client.")
		return
	}
	t.client = client
}

// ModifyPlan makes the message ids unknown where the messages change.
func (t *thread) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if req.Plan.Raw.IsNull() || req.State.Raw.IsNull() {
		return
	}
	var planned, held types.List
	resp.Diagnostics.Append(req.Plan.GetAttribute(ctx, path.Root("messages"), &planned)...)
	resp.Diagnostics.Append(req.State.GetAttribute(ctx, path.Root("messages"), &held)...)
	if !planned.Equal(held) {
		resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, path.Root("message_ids"), types.ListUnknown(types.StringType))...)
	}
}

func newItems(messages []messageModel) []newItem {
	var all []newItem
	for _, each := range messages {
		one := newItem{Type: "message", Role: each.Role.ValueString(), Content: each.Content.ValueString()}
		if len(each.Attachments) > 0 {
			parts := []part{{Type: "input_text", Text: each.Content.ValueString()}}
			for _, file := range each.Attachments {
				parts = append(parts, part{Type: "input_file", FileID: file.FileID.ValueString()})
			}
			one.Content = parts
		}
		all = append(all, one)
	}
	return all
}

func metadataOf(ctx context.Context, value types.Map) map[string]string {
	if value.IsNull() || value.IsUnknown() {
		return nil
	}
	pairs := map[string]string{}
	value.ElementsAs(ctx, &pairs, false)
	return pairs
}

func (t *thread) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan threadModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	if resp.Diagnostics.HasError() {
		return
	}
	made, err := t.client.create(ctx, metadataOf(ctx, plan.Metadata), newItems(plan.Messages))
	if err != nil {
		resp.Diagnostics.AddError("Creating the thread failed", err.Error())
		return
	}
	plan.ID = types.StringValue(made.ID)
	plan.Object = types.StringValue("thread")
	plan.CreatedAt = types.Int64Value(made.CreatedAt)
	plan.MessageIDs = types.ListNull(types.StringType)
	// Held before anything else can fail.
	resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)

	ids := []string{}
	if len(plan.Messages) > 0 {
		found, err := t.client.items(ctx, made.ID)
		if err != nil {
			resp.Diagnostics.AddError("Reading the messages failed", err.Error())
			return
		}
		for _, each := range found {
			ids = append(ids, each.ID)
		}
	}
	list, diags := types.ListValueFrom(ctx, types.StringType, ids)
	resp.Diagnostics.Append(diags...)
	plan.MessageIDs = list
	resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
}

func (t *thread) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state threadModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	found, err := t.client.get(ctx, state.ID.ValueString())
	if errors.Is(err, errNotFound) {
		resp.State.RemoveResource(ctx)
		return
	}
	if err != nil {
		resp.Diagnostics.AddError("Reading the thread failed", err.Error())
		return
	}
	if len(found.Metadata) > 0 || !state.Metadata.IsNull() {
		value, diags := types.MapValueFrom(ctx, types.StringType, found.Metadata)
		resp.Diagnostics.Append(diags...)
		state.Metadata = value
	}
	state.CreatedAt = types.Int64Value(found.CreatedAt)
	if len(state.Messages) > 0 {
		listed, err := t.client.items(ctx, state.ID.ValueString())
		if err != nil {
			resp.Diagnostics.AddError("Reading the messages failed", err.Error())
			return
		}
		held := map[string]messageModel{}
		var wanted []string
		resp.Diagnostics.Append(state.MessageIDs.ElementsAs(ctx, &wanted, false)...)
		for index, id := range wanted {
			if index < len(state.Messages) {
				held[id] = state.Messages[index]
			}
		}
		messages, ids := []messageModel{}, []string{}
		for _, each := range listed {
			message, ours := held[each.ID]
			if !ours {
				continue
			}
			message.Role = types.StringValue(each.Role)
			for _, piece := range each.Content {
				if piece.Type == "input_text" || piece.Type == "output_text" || piece.Type == "text" {
					message.Content = types.StringValue(piece.Text)
					break
				}
			}
			messages, ids = append(messages, message), append(ids, each.ID)
		}
		state.Messages = messages
		list, diags := types.ListValueFrom(ctx, types.StringType, ids)
		resp.Diagnostics.Append(diags...)
		state.MessageIDs = list
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &state)...)
}

func (t *thread) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan, state threadModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	if !plan.Metadata.Equal(state.Metadata) {
		if err := t.client.update(ctx, state.ID.ValueString(), metadataOf(ctx, plan.Metadata)); err != nil {
			resp.Diagnostics.AddError("Updating the thread failed", err.Error())
			return
		}
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
}

func (t *thread) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state threadModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() || state.RetainOnDestroy.ValueBool() {
		return
	}
	if err := t.client.delete(ctx, state.ID.ValueString()); err != nil {
		resp.Diagnostics.AddError("Deleting the thread failed", err.Error())
	}
}

func (t *thread) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	resource.ImportStatePassthroughID(ctx, path.Root("id"), req, resp)
}
