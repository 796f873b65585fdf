using System.Net.Http.Headers;
using System.Net.WebSockets;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using CommentFunctions.Bot;
using Polly.Timeout;

namespace CommentFunctions.Channels;

/// <summary>
/// The way to one channel's service: each call goes through the channel's one pipeline, and what goes wrong comes out as
/// <see cref="PermanentChannelException"/> or <see cref="TransientChannelException"/>, which hold no URL, no text and no secret.
/// </summary>
public sealed class ChannelApi
{
    /// <summary>The most bytes of an answer that are read; most have a few hundred.</summary>
    public const int MaxAnswerBytes = 1024 * 1024;

    /// <summary>The most bytes that are read of an answer which is given once only: one that is too large would be lost.</summary>
    public const int MaxHandOutBytes = 16 * MaxAnswerBytes;

    private const int MaxDescription = 200;

    private static readonly TimeSpan PingPause = TimeSpan.FromSeconds(20);

    // As deep as the bytes allow: what the app does not use must not make the rest unreadable.
    private static readonly JsonSerializerOptions Reading = new() { MaxDepth = MaxAnswerBytes };

    private static readonly JsonSerializerOptions Json = new()
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private readonly ChannelOptions options;
    private readonly IErrorParser errors;
    private readonly ChannelFaults faults;
    private readonly IHttpClientFactory http;
    private readonly TimeProvider clock;
    private readonly CallTurns turns = new();
    private readonly ChannelPipeline pipeline;

    /// <param name="options">The channel's settings, validated.</param>
    /// <param name="errors">What tells failures of this service apart.</param>
    /// <param name="faults">Learns whether messages get through.</param>
    /// <param name="http">Has a client by the channel's name.</param>
    /// <param name="clock">The clock by which it waits.</param>
    internal ChannelApi(ChannelOptions options, IErrorParser errors, ChannelFaults faults, IHttpClientFactory http, TimeProvider clock)
    {
        (this.options, this.errors, this.faults, this.http, this.clock) = (options, errors, faults, http, clock);
        pipeline = new(new SendThrottle(options.Spacing, clock), turns, options.CallTimeout, clock);
    }

    /// <summary>Whether the service does one thing at a time: then a message waits for another one, and for a poll, and these for it.</summary>
    internal bool IsOneAtATime
    {
        get => turns.AreTaken;
        set => turns.AreTaken = value;
    }

    /// <summary>Sends a message. It may have arrived although the call fails: these services know no repeats.</summary>
    /// <param name="path">The method's path, relative to the API's address.</param>
    /// <param name="body">What is sent as JSON.</param>
    /// <param name="slot">The slot that it waits for.</param>
    /// <param name="cancellationToken">Ends the waiting and the call.</param>
    /// <param name="otherwise">What to send, once, in place of a message that was refused; null for nothing.</param>
    /// <exception cref="PermanentChannelException">The service refuses it for good.</exception>
    /// <exception cref="TransientChannelException">It did not get through within <see cref="ChannelPipeline.Timeout"/>.</exception>
    internal async Task<JsonElement> SendAsync(
        string path, object body, SendSlot slot, CancellationToken cancellationToken, Func<PermanentChannelException, object?>? otherwise = null)
    {
        try
        {
            var answer = await CallAsync(HttpMethod.Post, path, body, slot, otherwise, cancellationToken);
            faults.NoteSend(options, null);
            return answer;
        }
        // What is refused for good got through as well.
        catch (Exception e) when (e is PermanentChannelException or TransientChannelException { Trouble: not null })
        {
            faults.NoteSend(options, (e as TransientChannelException)?.Trouble);
            throw;
        }
    }

    /// <summary>Calls a method of the service that sends no message.</summary>
    internal Task<JsonElement> CallAsync(HttpMethod method, string path, object? body, CancellationToken cancellationToken) =>
        CallAsync(method, path, body, null, null, cancellationToken);

    /// <summary>Calls a method once, which may hold its answer back until there is something to tell, and at the most for this long.</summary>
    /// <param name="method">The method of HTTP.</param>
    /// <param name="path">The method's path, relative to the API's address.</param>
    /// <param name="body">What is sent as JSON.</param>
    /// <param name="wait">How long the answer may be held back.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <param name="handOut">What takes the answer of a service that gives it once only.</param>
    /// <exception cref="PermanentChannelException">The service refuses the call.</exception>
    /// <exception cref="TransientChannelException">It did not get through.</exception>
    internal async Task<JsonElement> PollAsync(
        HttpMethod method, string path, object? body, TimeSpan wait, CancellationToken cancellationToken, HandOut? handOut = null)
    {
        using var turn = await turns.WaitAsync(handOut?.Stopping ?? cancellationToken);
        var time = wait + options.CallTimeout;
        using var limit = new CancellationTokenSource(time, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            return await AttemptAsync(method, path, body is null ? null : JsonSerializer.SerializeToUtf8Bytes(body, Json), either.Token, handOut);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw NoAnswerWithin(time);
        }
    }

    /// <summary>Opens a WebSocket, which notices within a minute that the other side is gone.</summary>
    /// <param name="path">Its path, relative to the API's address.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="TransientChannelException">The service opens none.</exception>
    internal async Task<WebSocket> ConnectAsync(string path, CancellationToken cancellationToken)
    {
        var address = new UriBuilder(new Uri(options.Api, path));
        address.Scheme = address.Scheme == Uri.UriSchemeHttps ? Uri.UriSchemeWss : Uri.UriSchemeWs;
        var socket = new ClientWebSocket();
        (socket.Options.KeepAliveInterval, socket.Options.KeepAliveTimeout) = (PingPause, PingPause);
        socket.Options.CollectHttpResponseDetails = true;
        using var limit = new CancellationTokenSource(options.CallTimeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            using var client = http.CreateClient(options.Channel);
            await socket.ConnectAsync(address.Uri, client, either.Token);
            return socket;
        }
        catch (Exception e)
        {
            var status = socket.HttpStatusCode;
            socket.Dispose();
            throw e switch
            {
                _ when cancellationToken.IsCancellationRequested => e,
                _ when limit.IsCancellationRequested => NoAnswerWithin(options.CallTimeout),
                WebSocketException when status > 0 => new TransientChannelException($"{options.Channel} answered {(int)status} and opened no WebSocket."),
                WebSocketException => Broken(e.InnerException ?? e),
                _ => e,
            };
        }
    }

    /// <summary>The failure of a connection.</summary>
    internal TransientChannelException Broken(Exception e) => new($"The call of {options.Channel} failed: " + e switch
    {
        // Not as the inner exception, whose message may have anything of the call.
        HttpRequestException { HttpRequestError: not HttpRequestError.Unknown and var error } => $"{error}.",
        WebSocketException socket => $"{socket.WebSocketErrorCode}.",
        _ => $"{e.GetType().Name}.",
    })
    {
        Trouble = ChannelTrouble.Away,
    };

    /// <summary>The failure of an answer that the app cannot make out.</summary>
    internal TransientChannelException NotWhatWasAskedFor() => new($"{options.Channel} answered 200 with something else than what was asked for.");

    private TransientChannelException NoAnswerWithin(TimeSpan time) => new($"{options.Channel} gave no answer within {time.TotalSeconds:0.#} s.")
    {
        Trouble = ChannelTrouble.Away,
    };

    private async Task<JsonElement> CallAsync(
        HttpMethod method,
        string path,
        object? body,
        SendSlot? slot,
        Func<PermanentChannelException, object?>? otherwise,
        CancellationToken cancellationToken)
    {
        // Once for all attempts.
        var json = body is null ? null : JsonSerializer.SerializeToUtf8Bytes(body, Json);
        try
        {
            return await pipeline.ExecuteAsync(AttemptOrOtherwiseAsync, slot, cancellationToken);
        }
        catch (TimeoutRejectedException)
        {
            throw NoAnswerWithin(options.CallTimeout);
        }

        // Within one attempt and its limit: the message's lock leaves no time for another round of them.
        async Task<JsonElement> AttemptOrOtherwiseAsync(CancellationToken cancel)
        {
            try
            {
                return await AttemptAsync(method, path, json, cancel);
            }
            catch (PermanentChannelException failure) when (otherwise?.Invoke(failure) is { } other)
            {
                return await AttemptAsync(method, path, JsonSerializer.SerializeToUtf8Bytes(other, Json), cancel);
            }
            catch (TransientChannelException failure) when (slot is not null && failure.Trouble == ChannelTrouble.Unauthorized)
            {
                // More attempts do not change it; health need not wait for them.
                faults.NoteSend(options, failure.Trouble);
                throw;
            }
        }
    }

    private async Task<JsonElement> AttemptAsync(
        HttpMethod method, string path, byte[]? json, CancellationToken cancellationToken, HandOut? handOut = null)
    {
        try
        {
            using var request = new HttpRequestMessage(method, path);
            if (json is not null)
            {
                request.Content = new ByteArrayContent(json) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
            }

            using var client = http.CreateClient(options.Channel);
            if (handOut is not null)
            {
                client.MaxResponseContentBufferSize = MaxHandOutBytes;
            }

            using var response = await client.SendAsync(request, cancellationToken);
            var body = await response.Content.ReadAsByteArrayAsync(cancellationToken);
            handOut?.Take(body);
            return Judge(response, Parse(body));
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw Broken(e);
        }
    }

    private JsonElement Judge(HttpResponseMessage response, JsonElement body)
    {
        if (response.IsSuccessStatusCode)
        {
            return body;
        }

        var status = (int)response.StatusCode;
        var said = errors.Read(body);
        var what = $"{options.Channel} answered {status}{Described(said.Description)}.";
        // 401: the service does not know the token, or not any more; an operator can correct that, and the reply can wait.
        if (said.IsBusy || status is 401 or 408 or 429 or >= 500)
        {
            throw new TransientChannelException(what, said.RetryAfter ?? RetryAfter(response.Headers.RetryAfter))
            {
                MayBeFinal = said.MayBeFinal,
                IsForAll = said.IsForAll,
                Trouble = status switch
                {
                    401 => ChannelTrouble.Unauthorized,
                    408 or >= 500 => ChannelTrouble.Away,
                    _ => null,
                },
            };
        }

        throw said.As?.Invoke(what) ?? new PermanentChannelException(said.Reason ?? PermanentChannelException.Refused, what);
    }

    private TimeSpan? RetryAfter(RetryConditionHeaderValue? header)
    {
        var wait = header?.Delta ?? header?.Date - clock.GetUtcNow();
        return wait > TimeSpan.Zero ? wait : null;
    }

    // The service's own words, cut, and without the secrets that they may repeat.
    private string Described(string? description)
    {
        if (string.IsNullOrWhiteSpace(description))
        {
            return "";
        }

        var clean = options.Secrets.Where(secret => !string.IsNullOrEmpty(secret))
            .Aggregate(description, (text, secret) => text.Replace(secret!, "***", StringComparison.Ordinal));
        return ": " + OutgoingText.Cut(clean.Trim().TrimEnd('.'), MaxDescription);
    }

    private static JsonElement Parse(byte[] body)
    {
        try
        {
            return body.Length == 0 ? default : JsonSerializer.Deserialize<JsonElement>(body, Reading);
        }
        catch (JsonException)
        {
            // Such as the page of a proxy. The status says enough.
            return default;
        }
    }
}
