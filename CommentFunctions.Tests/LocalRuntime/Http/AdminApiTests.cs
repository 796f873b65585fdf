using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
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
        using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
        content.Headers.ContentType = type is null ? null : MediaTypeHeaderValue.Parse(type);
        return (await app.Http.PostAsync($"admin/functions/{function}", content)).StatusCode;
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
