using System.Net;
using System.Text.RegularExpressions;
using CommentFunctions.Data;
using CommentFunctions.Health;
using CommentFunctions.Pages;
using CommentFunctions.Tests.EndToEnd.Support;

namespace CommentFunctions.Tests.EndToEnd;

/// <summary>
/// Calls as the Functions host makes them: an invocation on the stream and, beside it, the request. Only builds with the worker's Sdk have
/// the metadata that their routes come from.
/// </summary>
public sealed class FunctionsHostCallTests : IDisposable
{
    private readonly AppFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Callers_are_limited_by_the_address_that_the_front_end_saw_whatever_they_say_themselves()
    {
        await using var worker = await Worker.StartAsync(folder, ("RequestLimits__PerSecondPerAddress", "1"));
        HttpResponseMessage? refused = null;

        for (var round = 0; refused is null && round < 10; round++)
        {
            var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => worker.CallAsync("GetChatPage", "api/chat", $"198.51.100.{i}, 203.0.113.7:51234")));
            refused = answers.FirstOrDefault(answer => answer.StatusCode == HttpStatusCode.TooManyRequests);
        }

        Assert.Equal("application/problem+json", refused?.Content.Headers.ContentType?.MediaType);
        Assert.InRange(refused!.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 5);
        using var other = await worker.CallAsync("GetChatPage", "api/chat", "203.0.113.7:51234, 198.51.100.1:4242");
        Assert.Equal(HttpStatusCode.OK, other.StatusCode);
    }

    [Fact]
    public async Task Without_the_web_channel_its_routes_answer_404_and_nothing_more()
    {
        await using var worker = await Worker.StartAsync(folder, ("Channels__Web__Enabled", "false"));

        using var answer = await worker.CallAsync("GetChatPage", "api/chat", "203.0.113.7:51234");

        Assert.Equal((HttpStatusCode.NotFound, "", null), (answer.StatusCode, await answer.Content.ReadAsStringAsync(), answer.Content.Headers.ContentType));
    }

    /// <summary>The app as the worker of a host.</summary>
    private sealed class Worker(FunctionsHostStandIn host, AppProcess app, HttpClient http) : IAsyncDisposable
    {
        private static readonly (string Name, string EntryPoint)[] Functions =
            [("GetChatPage", $"{typeof(PagesApi).FullName}.{nameof(PagesApi.GetChat)}"), ("GetHealth", $"{typeof(GetHealth).FullName}.{nameof(GetHealth.RunAsync)}")];

        public static async Task<Worker> StartAsync(AppFolder folder, params (string, string)[] settings)
        {
            var host = await FunctionsHostStandIn.StartAsync();
            var assembly = AppProcess.Assembly;
            var app = AppProcess.Start(folder, host.Arguments, [("FUNCTIONS_APPLICATION_DIRECTORY", Path.GetDirectoryName(assembly)!), .. settings]);
            await host.ReceiveAsync(FunctionsHostStandIn.StartStream, otherwise: () => app.Output);
            host.Send(FunctionsHostStandIn.InitRequest, "4.1037.0");
            var init = await host.ReceiveAsync(FunctionsHostStandIn.InitResponse, "HttpUri");
            await host.ReceiveAsync(FunctionsHostStandIn.Log, "Application started", () => app.Output);
            foreach (var (name, entryPoint) in Functions)
            {
                byte[] binding = [.. FunctionsHostStandIn.Field(1, "request"), .. FunctionsHostStandIn.Field(2, FunctionsHostStandIn.Field(2, "httpTrigger"))];
                byte[] metadata =
                [
                    .. FunctionsHostStandIn.Field(4, name), .. FunctionsHostStandIn.Field(2, Path.GetFileName(assembly)),
                    .. FunctionsHostStandIn.Field(3, entryPoint), .. FunctionsHostStandIn.Field(6, binding),
                ];
                host.Send(FunctionsHostStandIn.LoadRequest, [.. FunctionsHostStandIn.Field(1, name), .. FunctionsHostStandIn.Field(2, metadata)]);
                await host.ReceiveAsync(FunctionsHostStandIn.LoadResponse, name, () => app.Output);
            }

            return new(host, app, new() { Timeout = TimeSpan.FromSeconds(60), BaseAddress = new(Regex.Match(init.Text, "http://(127.0.0.1|localhost):[0-9]+").Value) });
        }

        public async Task<HttpResponseMessage> CallAsync(string function, string path, string forwardedFor)
        {
            var id = Guid.NewGuid().ToString();
            // The fifth field is the trace, which the worker does not do without.
            host.Send(
                FunctionsHostStandIn.Invocation,
                [.. FunctionsHostStandIn.Field(1, id), .. FunctionsHostStandIn.Field(2, function), .. FunctionsHostStandIn.Field(5, "")]);
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            request.Headers.Add("x-ms-invocation-id", id);
            request.Headers.Add("X-Forwarded-For", forwardedFor);
            try
            {
                return await http.SendAsync(request);
            }
            catch (TaskCanceledException e)
            {
                throw new InvalidOperationException($"No answer. {app.Output} {host.Heard}", e);
            }
        }

        public async ValueTask DisposeAsync()
        {
            http.Dispose();
            await app.DisposeAsync();
            await host.DisposeAsync();
        }
    }
}
