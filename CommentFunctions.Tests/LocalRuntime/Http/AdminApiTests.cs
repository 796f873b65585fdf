using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Azure.Messaging.ServiceBus;
using CommentFunctions.Tests.LocalRuntime.Support;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace CommentFunctions.Tests.LocalRuntime.Http;

public sealed class AdminApiTests : IAsyncLifetime
{
    private LocalApp app = null!;

    public async Task InitializeAsync() => app = await LocalApp.StartAsync(
        [typeof(Sample)],
        new()
        {
            ["AzureWebJobs.Disabled.Disabled"] = "true",
            ["AzureWebJobs.DisabledTimer.Disabled"] = "true",
            ["AzureWebJobs.DisabledQueue.Disabled"] = "true",
        });

    public async Task DisposeAsync() => await app.DisposeAsync();

    [Fact]
    public async Task Functions_are_listed_with_their_triggers_the_disabled_ones_too()
    {
        var functions = (await app.Http.GetFromJsonAsync<JsonElement>("admin/functions")).EnumerateArray().ToList();

        Assert.Equal(
            ["Disabled", "DisabledQueue", "DisabledTimer", "Failing", "Refusing", "Request"], functions.Select(function => function.GetProperty("name").GetString()));
        var request = functions.Single(function => function.GetProperty("name").GetString() == "Request");
        Assert.Equal($"{app.Http.BaseAddress}admin/functions/Request", request.GetProperty("href").GetString());
        Assert.Equal($"{app.Http.BaseAddress}api/requests/{{id}}", request.GetProperty("invoke_url_template").GetString());
        Assert.False(request.GetProperty("isDisabled").GetBoolean());
        Assert.Equal(
            """[{"type":"httpTrigger","name":"request","direction":"in","route":"api/requests/{id}","methods":["POST"]}]""",
            request.GetProperty("config").GetProperty("bindings").GetRawText());
        Assert.True(functions[0].GetProperty("isDisabled").GetBoolean());
        Assert.Equal("orders", functions[1].GetProperty("config").GetProperty("bindings")[0].GetProperty("queueName").GetString());
        Assert.Equal("0 0 3 * * *", functions[2].GetProperty("config").GetProperty("bindings")[0].GetProperty("schedule").GetString());
    }

    [Theory]
    [InlineData("Disabled", "{}", "application/json", 202)]
    [InlineData("disabled", "{}", "application/json; charset=utf-8", 202)]
    [InlineData("Disabled", """{"input":null}""", "application/json", 202)]
    [InlineData("Disabled", """{"input":"x"}""", "application/json", 202)]
    [InlineData("Disabled", "{}", "text/plain", 415)]
    [InlineData("Disabled", "", null, 415)]
    [InlineData("Disabled", "", "application/json", 400)]
    [InlineData("Disabled", "not json", "application/json", 400)]
    [InlineData("Disabled", "[]", "application/json", 400)]
    [InlineData("Disabled", "\"input\"", "application/json", 400)]
    [InlineData("Disabled", """{"input":{"a":1}}""", "application/json", 400)]
    [InlineData("Disabled", """{"input":5}""", "application/json", 400)]
    [InlineData("Disabled", """{"input":"\ud800"}""", "application/json", 400)]
    [InlineData("Nobody", "{}", "application/json", 404)]
    public async Task A_run_by_hand_is_accepted_or_refused_by_the_hosts_own_rules(string function, string body, string? type, int status)
    {
        Assert.Equal(status, (int)await RunAsync(function, body, type));

        if (status == 202)
        {
            await app.Probe.UntilCountAsync(1);
            Assert.Equal(["disabled"], app.Probe.Notes);
        }
    }

    [Theory]
    [InlineData("Disabled", "not json", "application/json", 400, "Allowed: a JSON object")]
    [InlineData("Disabled", "{}", "text/plain", 415, "application/json")]
    [InlineData("Nobody", "{}", "application/json", 404, "GET /admin/functions")]
    public async Task What_is_refused_gets_a_problem_document(string function, string body, string type, int status, string allowed)
    {
        using var answer = await PostAsync(function, new ByteArrayContent(Encoding.UTF8.GetBytes(body)), type);

        var problem = await answer.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal(("application/problem+json", status), (answer.Content.Headers.ContentType?.MediaType, problem.GetProperty("status").GetInt32()));
        Assert.Contains(allowed, problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_input_larger_than_a_message_may_be_is_refused_unread()
    {
        using var answer = await PostAsync("Disabled", new ByteArrayContent(new byte[2_000_000]), "application/json");

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
        Assert.Empty(app.Probe.Notes);
    }

    [Theory]
    [InlineData("ffffffffffffffff")]
    [InlineData("xyz")]
    public async Task A_body_that_is_not_as_HTTP_says_is_a_bad_request_without_a_stack_trace(string chunkSize)
    {
        var answer = await RawAsync($"POST /admin/functions/Disabled HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n{chunkSize}\r\n{{}}\r\n0\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 400 ", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_timer_function_runs_by_hand_and_is_not_past_due()
    {
        Assert.Equal(HttpStatusCode.Accepted, await RunAsync("DisabledTimer", "{}"));

        await app.Probe.UntilCountAsync(1);
        Assert.Equal(["timer, past due: False"], app.Probe.Notes);
    }

    [Fact]
    public async Task A_queue_function_gets_the_input_as_its_message_which_is_on_no_queue()
    {
        Assert.Equal(HttpStatusCode.Accepted, await RunAsync("DisabledQueue", """{"input":"{\"name\":\"alice\"}"}"""));

        await app.Probe.UntilCountAsync(1);
        Assert.Equal(["""{"name":"alice"}, delivery 1, with an id"""], app.Probe.Notes);
        Assert.Equal(new(0, 0, 0), await app.Queues.CountAsync("orders"));
    }

    [Fact]
    public async Task An_http_function_gets_the_input_as_route_query_and_body()
    {
        Assert.Equal(HttpStatusCode.Accepted, await RunAsync("Request", """{"input":"{\"id\":\"7\",\"name\":\"a b\",\"count\":3}"}"""));

        await app.Probe.UntilCountAsync(1);
        Assert.Equal(["""POST /api/requests/7 id 7 ?name=a%20b&count=3 {"name":"a b","count":3}"""], app.Probe.Notes);
    }

    [Fact]
    public async Task The_caller_is_answered_before_the_run_and_a_run_that_fails_harms_nothing()
    {
        foreach (var function in new[] { "Failing", "Refusing", "Request" })
        {
            Assert.Equal(HttpStatusCode.Accepted, await RunAsync(function, "{}"));
        }

        Assert.Equal(HttpStatusCode.Accepted, await RunAsync("Disabled", "{}"));
        await Wait.UntilAsync("the sound one ran", () => app.Probe.Notes.Contains("disabled"));
        Assert.Equal(HttpStatusCode.NotFound, (await app.Http.GetAsync("api/Disabled")).StatusCode);
    }

    private async Task<HttpStatusCode> RunAsync(string function, string body, string? type = "application/json")
    {
        using var answer = await PostAsync(function, new ByteArrayContent(Encoding.UTF8.GetBytes(body)), type);
        return answer.StatusCode;
    }

    private async Task<HttpResponseMessage> PostAsync(string function, ByteArrayContent content, string? type)
    {
        using (content)
        {
            content.Headers.ContentType = type is null ? null : MediaTypeHeaderValue.Parse(type);
            return await app.Http.PostAsync($"admin/functions/{function}", content);
        }
    }

    private async Task<string> RawAsync(string request)
    {
        using var connection = new TcpClient();
        await connection.ConnectAsync(IPAddress.Loopback, app.Http.BaseAddress!.Port);
        var stream = connection.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(request));
        using var reader = new StreamReader(stream);
        return await Wait.ForAsync(reader.ReadToEndAsync());
    }

    private sealed class Sample(Probe probe)
    {
        [Function("Disabled")]
        public void Disabled([HttpTrigger(AuthorizationLevel.Anonymous)] HttpRequest request) => probe.Note("disabled");

        [Function("DisabledTimer")]
        public void Timer([TimerTrigger("0 0 3 * * *")] TimerInfo timer) => probe.Note($"timer, past due: {timer.IsPastDue}");

        [Function("DisabledQueue")]
        public async Task QueueAsync([ServiceBusTrigger("orders")] ServiceBusReceivedMessage message, ServiceBusMessageActions actions)
        {
            await actions.RenewMessageLockAsync(message);
            await actions.CompleteMessageAsync(message);
            probe.Note($"{message.Body}, delivery {message.DeliveryCount}, {(message.MessageId.Length > 0 ? "with an id" : "")}");
        }

        [Function("Request")]
        public async Task<IResult> RequestAsync([HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "requests/{id}")] HttpRequest request, string id)
        {
            using var reader = new StreamReader(request.Body);
            probe.Note($"{request.Method} {request.Path} id {id} {request.QueryString} {await reader.ReadToEndAsync()}");
            return Results.Ok();
        }

        [Function("Failing")]
        public void Fail([HttpTrigger(AuthorizationLevel.Anonymous)] HttpRequest request)
        {
            probe.Note("failing");
            throw new InvalidOperationException("not today");
        }

        [Function("Refusing")]
        public Task RefuseAsync([ServiceBusTrigger("refused")] ServiceBusReceivedMessage message, ServiceBusMessageActions actions)
        {
            probe.Note("refusing");
            return actions.DeadLetterMessageAsync(message, deadLetterReason: "Malformed");
        }
    }
}
