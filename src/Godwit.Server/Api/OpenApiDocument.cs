using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using Godwit.Server.Access;
using Microsoft.AspNetCore.Http;

namespace Godwit.Server.Api;

/// <summary>The document that describes the interface, made from the table of endpoints and from how answers are written.</summary>
internal static class OpenApiDocument
{
    private const string Sent = """
        {
          "NewTransfer": {
            "type": "object", "required": ["destination"], "additionalProperties": false,
            "properties": {
              "source": {"type": "string", "description": "May be left out where a stager says where it is."}, "destination": {"type": "string"}, "verb": {"enum": ["copy"]},
              "stage": {"$ref": "#/components/schemas/CallOrder"}, "prepare": {"$ref": "#/components/schemas/CallOrder"},
              "options": {"type": "object", "additionalProperties": {
                "oneOf": [{"type": ["string", "boolean", "number"]}, {"type": "array", "items": {"type": "string"}}]}},
              "priority": {"type": "integer", "minimum": 1, "maximum": 5, "default": 3}, "project": {"type": "string"},
              "files": {"type": "array", "minItems": 1, "description": "Comes last. Without it, all that is at the source.", "items": {"$ref": "#/components/schemas/NewFile"}}
            }
          },
          "CallOrder": {
            "type": ["object", "null"], "required": ["by"], "additionalProperties": false, "description": "Who is asked before files are moved, and what.",
            "properties": {"by": {"type": "string"}, "what": {"type": "string", "maxLength": 4000}}
          },
          "Callback": {
            "type": "object", "required": ["code", "success"], "additionalProperties": false,
            "properties": {
              "code": {"type": "string", "maxLength": 200}, "success": {"type": "boolean"}, "message": {"type": "string"},
              "source": {"type": "string", "description": "Where the source is, of stagers alone; as the transfer says where it is missing."}
            }
          },
          "NewFile": {
            "type": "object", "additionalProperties": false,
            "properties": {
              "source": {"type": "string"}, "source_base64": {"type": "string", "description": "In place of source, where that is not UTF-8."},
              "destination": {"type": "string", "description": "As source where it is missing."}, "destination_base64": {"type": "string"},
              "checksum": {"type": "string", "pattern": "^[a-z0-9]+:[0-9a-fA-F]+$"}
            }
          },
          "NewSchedule": {
            "type": "object", "required": ["name", "cron", "destination"], "additionalProperties": false,
            "properties": {
              "name": {"type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$"},
              "cron": {"type": "string", "maxLength": 200, "description": "minute, hour, day of the month, month, day of the week; or @hourly, @daily, @weekly, @monthly, @yearly"},
              "zone": {"type": ["string", "null"], "default": "UTC"}, "window": {"type": ["string", "null"], "pattern": "^[0-9]{2}:[0-9]{2}-[0-9]{2}:[0-9]{2}$"},
              "missed": {"enum": ["run", "skip"], "default": "run"}, "enabled": {"type": "boolean", "default": true},
              "source": {"type": "string"}, "destination": {"type": "string"}, "verb": {"enum": ["copy"]},
              "stage": {"$ref": "#/components/schemas/CallOrder"}, "prepare": {"$ref": "#/components/schemas/CallOrder"},
              "options": {"type": "object", "additionalProperties": {
                "oneOf": [{"type": ["string", "boolean", "number"]}, {"type": "array", "items": {"type": "string"}}]}},
              "priority": {"type": "integer", "minimum": 1, "maximum": 5, "default": 3}, "project": {"type": "string"}
            }
          },
          "ScheduleChange": {
            "type": "object", "additionalProperties": false, "description": "What is missing stays as it is.",
            "properties": {
              "cron": {"type": "string", "maxLength": 200}, "zone": {"type": "string"}, "window": {"type": ["string", "null"], "description": "null for none"},
              "missed": {"enum": ["run", "skip"]}, "enabled": {"type": "boolean"}, "priority": {"type": "integer", "minimum": 1, "maximum": 5}
            }
          },
          "TransferChange": {
            "type": "object", "required": ["priority"], "additionalProperties": false,
            "properties": {"priority": {"type": "integer", "minimum": 1, "maximum": 5}}
          },
          "Limit": {
            "type": "object", "additionalProperties": false, "description": "Names an endpoint, or the source and the destination of a link.",
            "properties": {
              "endpoint": {"type": ["string", "null"]}, "source": {"type": ["string", "null"]}, "destination": {"type": ["string", "null"]},
              "transfers": {"type": ["integer", "null"], "minimum": 1}, "files": {"type": ["integer", "null"], "minimum": 1},
              "bytes_per_second": {"type": ["integer", "null"], "minimum": 1}, "pause": {"oneOf": [{"type": "null"}, {"$ref": "#/components/schemas/Pause"}]}
            }
          },
          "NewToken": {
            "type": "object", "required": ["subject", "roles"], "additionalProperties": false,
            "properties": {
              "subject": {"type": "string", "maxLength": 200}, "project": {"type": ["string", "null"], "maxLength": 200},
              "roles": {"type": "array", "minItems": 1, "items": {"enum": ["submitter", "project", "operator", "stager", "administrator"]}},
              "expires": {"type": ["string", "null"], "format": "date-time", "description": "Never, where it is missing."}
            }
          },
          "Pause": {"type": "object", "additionalProperties": false, "properties": {"message": {"type": "string", "maxLength": 1000}}}
        }
        """;

    private static readonly string[] s_inPath = ["id", "token", "schedule", "notice", "call"];

    private static readonly JsonSerializerOptions Options = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The document.</summary>
    public static string Text { get; } = Make().ToJsonString(Options) + "\n";

    public static async Task AnswerAsync(Call call)
    {
        call.Http.Response.ContentType = "application/json";
        await call.Http.Response.WriteAsync(Text, call.Aborted).ConfigureAwait(false);
    }

    private static JsonObject Make()
    {
        var paths = new JsonObject();
        foreach (ApiEndpoint endpoint in Endpoints.All)
        {
            if (paths[endpoint.Path] is not JsonObject path)
            {
                paths[endpoint.Path] = path = new JsonObject();
            }

            path[endpoint.Method.ToLowerInvariant()] = OperationOf(endpoint);
        }

        return new JsonObject
        {
            ["openapi"] = "3.1.0",
            ["info"] = new JsonObject { ["title"] = "Godwit", ["version"] = "v1" },
            ["paths"] = paths,
            ["components"] = new JsonObject
            {
                ["schemas"] = Schemas(),
                ["securitySchemes"] = new JsonObject { ["token"] = new JsonObject { ["type"] = "http", ["scheme"] = "bearer" } },
            },
        };
    }

    private static JsonObject OperationOf(ApiEndpoint endpoint)
    {
        var operation = new JsonObject { ["operationId"] = endpoint.Name, ["summary"] = endpoint.Summary };
        JsonNode[] parameters =
        [
            .. s_inPath.Where(name => endpoint.Path.Contains($"{{{name}}}", StringComparison.Ordinal)).Select(name => Parameter(name, "path", true)),
            .. endpoint.Query.Select(name => Parameter(name, "query", false)),
            .. endpoint.Name == "create_transfer" ? [Parameter("Idempotency-Key", "header", false)] : Array.Empty<JsonNode>(),
            .. endpoint.ContentType == "text/event-stream" ? [Parameter("Last-Event-ID", "header", false)] : Array.Empty<JsonNode>(),
        ];
        if (parameters.Length > 0)
        {
            operation["parameters"] = new JsonArray(parameters);
        }

        if (endpoint.Takes is { } takes)
        {
            JsonObject content = Content("application/json", takes);
            if (endpoint.Name == "create_transfer")
            {
                content["application/x-ndjson"] = new JsonObject
                {
                    ["schema"] = new JsonObject { ["type"] = "string", ["description"] = "NewTransfer without files in the first line, then a NewFile a line." },
                };
            }

            operation["requestBody"] = new JsonObject { ["content"] = content };
        }

        var success = new JsonObject { ["description"] = "Done." };
        success["content"] = endpoint.ContentType is { } type ? new JsonObject { [type] = new JsonObject() } : Content("application/json", endpoint.Answers!);
        operation["responses"] = new JsonObject
        {
            [endpoint.Status.ToString()] = success,
            ["default"] = new JsonObject { ["description"] = "It is not carried out.", ["content"] = Content("application/problem+json", "Problem") },
        };
        operation["security"] = Rules.Open.Contains(endpoint.Name) ? new JsonArray() : new JsonArray(new JsonObject { ["token"] = new JsonArray() });
        return operation;
    }

    private static JsonObject Parameter(string name, string place, bool isNeeded) =>
        new() { ["name"] = name, ["in"] = place, ["required"] = isNeeded, ["schema"] = new JsonObject { ["type"] = "string" } };

    private static JsonObject Content(string type, string schema) =>
        new() { [type] = new JsonObject { ["schema"] = new JsonObject { ["$ref"] = "#/components/schemas/" + schema } } };

    private static JsonObject Schemas()
    {
        var schemas = (JsonObject)JsonNode.Parse(Sent)!;
        schemas["Problem"] = ApiJson.Default.Problem.GetJsonSchemaAsNode();
        schemas["Version"] = ApiJson.Default.VersionAnswer.GetJsonSchemaAsNode();
        schemas["Health"] = ApiJson.Default.HealthAnswer.GetJsonSchemaAsNode();
        schemas["Transfer"] = ApiJson.Default.WholeTransferAnswer.GetJsonSchemaAsNode();
        schemas["TransferPage"] = ApiJson.Default.TransferPage.GetJsonSchemaAsNode();
        schemas["Schedule"] = ApiJson.Default.ScheduleAnswer.GetJsonSchemaAsNode();
        schemas["SchedulePage"] = ApiJson.Default.SchedulePage.GetJsonSchemaAsNode();
        schemas["ScheduleRun"] = ApiJson.Default.ScheduleRunAnswer.GetJsonSchemaAsNode();
        schemas["ScheduleRunPage"] = ApiJson.Default.ScheduleRunPage.GetJsonSchemaAsNode();
        schemas["FilePage"] = ApiJson.Default.FilePage.GetJsonSchemaAsNode();
        schemas["AttemptPage"] = ApiJson.Default.AttemptPage.GetJsonSchemaAsNode();
        schemas["LimitPage"] = ApiJson.Default.LimitPage.GetJsonSchemaAsNode();
        schemas["Token"] = ApiJson.Default.TokenAnswer.GetJsonSchemaAsNode();
        schemas["TokenPage"] = ApiJson.Default.TokenPage.GetJsonSchemaAsNode();
        schemas["Self"] = ApiJson.Default.SelfAnswer.GetJsonSchemaAsNode();
        schemas["AuditPage"] = ApiJson.Default.AuditPage.GetJsonSchemaAsNode();
        schemas["Notice"] = ApiJson.Default.NoticeAnswer.GetJsonSchemaAsNode();
        schemas["NoticePage"] = ApiJson.Default.NoticePage.GetJsonSchemaAsNode();
        schemas["CallbackTaken"] = ApiJson.Default.CallbackAnswer.GetJsonSchemaAsNode();
        schemas["EventPage"] = ApiJson.Default.EventPage.GetJsonSchemaAsNode();
        return schemas;
    }
}
