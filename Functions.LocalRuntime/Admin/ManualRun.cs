using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Functions.LocalRuntime.Http;
using Functions.LocalRuntime.Indexing;
using Functions.LocalRuntime.Invocation;
using Functions.LocalRuntime.Queues;
using Functions.LocalRuntime.Settings;
using Functions.LocalRuntime.Storage;
using Functions.LocalRuntime.Timers;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Net.Http.Headers;

namespace Functions.LocalRuntime.Admin;

/// <summary>What came of a run by hand.</summary>
/// <param name="Succeeded">Whether the function ran to its end; for HTTP functions, whether it answered below 400.</param>
/// <param name="Output">The answer of an HTTP function, or the value that another returned, as JSON; null for none.</param>
internal sealed record ManualResult(bool Succeeded, string? Output);

/// <summary>
/// Runs a function by hand, whatever its trigger. A timer function gets a TimerInfo, and waits until no other run of it is under
/// way; a queue function gets the input as a message that is on no queue; an HTTP function gets a request made of the input.
/// </summary>
internal sealed class ManualRun(FunctionInvoker invoker, TimerStore timers, StateFolder folder, TimeProvider clock)
{
    // For a terminal or a program, not for a page: it is legible.
    private static readonly JsonSerializerOptions Json = new(JsonSerializerOptions.Web) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <param name="function">The function, which may be disabled.</param>
    /// <param name="input">A message's body; for an HTTP function a JSON object of named values, or a request's body.</param>
    /// <param name="cancellationToken">Ends the wait for a timer function's turn.</param>
    public Task<ManualResult> RunAsync(FunctionDescriptor function, string? input, CancellationToken cancellationToken) => function.Trigger switch
    {
        TimerTrigger timer => RunTimerAsync(function, timer, cancellationToken),
        HttpTrigger http => RunHttpAsync(function, http, input),
        _ => RunQueueAsync(function, input ?? ""),
    };

    private async Task<ManualResult> RunTimerAsync(FunctionDescriptor function, TimerTrigger trigger, CancellationToken cancellationToken)
    {
        using var entered = await folder.EnterTimerAsync(function.Name, clock, cancellationToken);
        var status = await timers.FindAsync(function.Name, trigger.Source);
        if (status?.Next <= clock.GetUtcNow().UtcDateTime)
        {
            // Kept by a process that has gone: a run by hand is at no scheduled time.
            status = new() { Last = status.Last, Next = trigger.Schedule.Next(clock.GetUtcNow()).UtcDateTime, LastUpdated = status.LastUpdated };
        }

        return await InvokeAsync(new(function, "by hand", new TimerInfo { ScheduleStatus = status }));
    }

    private Task<ManualResult> RunQueueAsync(FunctionDescriptor function, string body)
    {
        var message = ServiceBusModelFactory.ServiceBusReceivedMessage(
            new BinaryData(body), messageId: Guid.NewGuid().ToString("N"), deliveryCount: 1, contentType: "application/json",
            enqueuedTime: clock.GetUtcNow());
        return InvokeAsync(QueueListener.Context(function, message, new DetachedMessageActions(), "by hand"));
    }

    private async Task<ManualResult> InvokeAsync(LocalFunctionContext context)
    {
        await invoker.InvokeAsync(context);
        return new(true, context.Result is null ? null : JsonSerializer.Serialize(context.Result, Json));
    }

    private async Task<ManualResult> RunHttpAsync(FunctionDescriptor function, HttpTrigger trigger, string? input)
    {
        using var answer = new MemoryStream();
        var http = new DefaultHttpContext();
        http.Response.Body = answer;
        http.Request.Method = trigger.Methods.Count == 0 ? HttpMethods.Get : trigger.Methods[0];
        http.Request.Scheme = "http";
        http.Request.Host = new("localhost");
        Fill(http.Request, trigger, input);
        await HttpFunctions.InvokeAsync(invoker, function, "by hand", http);
        return new(http.Response.StatusCode < StatusCodes.Status400BadRequest, Output(http.Response.ContentType, Encoding.UTF8.GetString(answer.ToArray())));
    }

    // What is not JSON, such as a page, becomes a text of it.
    private static string? Output(string? type, string answer) => answer.Length == 0 ? null
        : MediaTypeHeaderValue.TryParse(type, out var media) && (media.IsSubsetOf(new("application/json")) || media.Suffix.Equals("json", StringComparison.OrdinalIgnoreCase)) ? answer
        : JsonSerializer.Serialize(answer, Json);

    // Named values go wherever a function may look for them: its route, its query and, where its method has a body, a JSON object.
    private static void Fill(HttpRequest request, HttpTrigger trigger, string? input)
    {
        var values = Parse(input);
        var route = RoutePatternFactory.Parse(trigger.Route);
        foreach (var parameter in route.Parameters)
        {
            request.RouteValues[parameter.Name] = values?[parameter.Name]?.ToString()
                ?? (parameter.IsOptional || parameter.Default is not null
                    ? parameter.Default
                    : throw new StartupException($"The route /{trigger.Route} needs a value for '{parameter.Name}'."));
        }

        request.Path = "/" + string.Join('/', route.PathSegments.Select(segment => string.Concat(segment.Parts.Select(part => part switch
        {
            RoutePatternLiteralPart literal => literal.Content,
            RoutePatternSeparatorPart separator => separator.Content,
            RoutePatternParameterPart parameter => Uri.EscapeDataString(request.RouteValues[parameter.Name]?.ToString() ?? ""),
            _ => "",
        }))));
        var rest = values?.Where(value => route.GetParameter(value.Key) is null).ToList() ?? [];
        request.QueryString = QueryString.Create(rest.Where(value => value.Value is JsonValue)
            .Select(value => KeyValuePair.Create(value.Key, (string?)value.Value!.ToString())));
        if (request.Method is "POST" or "PUT" or "PATCH" && input is { Length: > 0 })
        {
            var named = new JsonObject(rest.Select(value => KeyValuePair.Create(value.Key, value.Value?.DeepClone())));
            var body = Encoding.UTF8.GetBytes(values is null ? input : named.ToJsonString());
            request.ContentType = "application/json";
            request.ContentLength = body.Length;
            request.Body = new MemoryStream(body);
        }
    }

    private static JsonObject? Parse(string? input)
    {
        try
        {
            return input is null ? null : JsonNode.Parse(input) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
