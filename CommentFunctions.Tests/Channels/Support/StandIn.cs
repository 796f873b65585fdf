using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace CommentFunctions.Tests.Channels.Support;

/// <summary>
/// Stands in for a channel's service, over real HTTP on loopback. A message whose caller is gone before the answer is not delivered,
/// unless the trouble is that it is.
/// </summary>
public abstract class StandIn : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly ConcurrentQueue<Delivered> delivered = new();
    private readonly ConcurrentQueue<(string Line, string Body)> calls = new();
    private readonly CancellationTokenSource stopping = new();

    protected StandIn()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        app = builder.Build();
        app.UseWebSockets();
        app.Run(AnswerAsync);
    }

    /// <summary>Where the service is.</summary>
    public string Address => app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();

    /// <summary>What it does at the next call that sends a message.</summary>
    public Func<Trouble> Next { get; set; } = () => Trouble.None;

    /// <summary>Holds back the calls that send a message.</summary>
    public Gate Gate { get; set; } = new();

    /// <summary>The messages that were delivered, in order.</summary>
    public IReadOnlyList<Delivered> Delivered => [.. delivered];

    /// <summary>How many messages were delivered.</summary>
    public int Count => delivered.Count;

    /// <summary>Each call: its method and path, and its body.</summary>
    public IReadOnlyList<(string Line, string Body)> Calls => [.. calls];

    /// <summary>Starts a service.</summary>
    public static async Task<T> StartAsync<T>()
        where T : StandIn, new()
    {
        var service = new T();
        await service.app.StartAsync();
        return service;
    }

    /// <summary>What it does at its calls, one after the other; after them it delivers.</summary>
    public void Plan(params IEnumerable<Trouble> troubles)
    {
        var plan = new ConcurrentQueue<Trouble>(troubles);
        Next = () => plan.TryDequeue(out var trouble) ? trouble : Trouble.None;
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await stopping.CancelAsync();
        Gate.IsOpen = true;
        await app.StopAsync();
        await app.DisposeAsync();
    }

    /// <summary>Ends with the service.</summary>
    protected CancellationToken Stopping => stopping.Token;

    /// <summary>Talks over a WebSocket to its end; false where the call opens none.</summary>
    protected virtual Task<bool> TalkAsync(HttpContext http) => Task.FromResult(false);

    /// <summary>Waits until the service can do something else, and gives what ends that it does.</summary>
    protected virtual Task<IDisposable?> BeginAsync(HttpRequest request) => Task.FromResult<IDisposable?>(null);

    /// <summary>What the service finds wrong with a call, as status and JSON; null for nothing.</summary>
    protected abstract (int Status, object Body)? Check(HttpRequest request, JsonNode? body);

    /// <summary>The message of a call that sends one; null for another call.</summary>
    protected abstract Delivered? MessageOf(HttpRequest request, JsonNode? body);

    /// <summary>The answer to a call that went well.</summary>
    protected abstract (int Status, object Body) Success(HttpRequest request, JsonNode? body);

    /// <summary>The answer to a call that sends no message and went well, which may be held back.</summary>
    protected virtual Task<(int Status, object Body)> AnswerAsync(HttpRequest request, JsonNode? body, CancellationToken ended) =>
        Task.FromResult(Success(request, body));

    /// <summary>The answer to a call that did not.</summary>
    protected abstract (int Status, object Body) Failure(Trouble trouble);

    private async Task AnswerAsync(HttpContext http)
    {
        if (await TalkAsync(http))
        {
            return;
        }

        using var ended = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, stopping.Token);
        using var reader = new StreamReader(http.Request.Body);
        var text = await reader.ReadToEndAsync(ended.Token);
        calls.Enqueue(($"{http.Request.Method} {http.Request.Path}", text));
        var body = text.Length == 0 ? null : JsonNode.Parse(text);
        using var doing = await BeginAsync(http.Request);
        if (Check(http.Request, body) is { } wrong)
        {
            await WriteAsync(http, wrong);
        }
        else if (MessageOf(http.Request, body) is not { } message)
        {
            await WriteAsync(http, await AnswerAsync(http.Request, body, ended.Token));
        }
        else
        {
            await Gate.PassAsync(ended.Token);
            await DeliverAsync(http, body, message, Next(), ended.Token);
        }
    }

    private async Task DeliverAsync(HttpContext http, JsonNode? body, Delivered message, Trouble trouble, CancellationToken ended)
    {
        switch (trouble.Kind)
        {
            case TroubleKind.None:
                ended.ThrowIfCancellationRequested();
                delivered.Enqueue(message);
                await WriteAsync(http, Success(http.Request, body));
                break;
            case TroubleKind.DeliverAndHang:
                delivered.Enqueue(message);
                await Task.Delay(Timeout.Infinite, ended);
                break;
            case TroubleKind.Hang:
                await Task.Delay(Timeout.Infinite, ended);
                break;
            case TroubleKind.Cut:
                http.Abort();
                break;
            case TroubleKind.CutAnswer:
                http.Response.ContentLength = 1000;
                await http.Response.WriteAsync("{\"ok\":", ended);
                await http.Response.Body.FlushAsync(ended);
                http.Abort();
                break;
            default:
                if (trouble.RetryAfter is not null)
                {
                    http.Response.Headers.RetryAfter = trouble.RetryAfter;
                }

                if (trouble.Location is not null)
                {
                    http.Response.Headers.Location = trouble.Location;
                }

                await WriteAsync(http, Failure(trouble));
                break;
        }
    }

    private static async Task WriteAsync(HttpContext http, (int Status, object Body) answer)
    {
        http.Response.StatusCode = answer.Status;
        http.Response.ContentType = "application/json";
        await http.Response.WriteAsync(answer.Body as string ?? JsonSerializer.Serialize(answer.Body), CancellationToken.None);
    }
}
