using System.Reflection;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using CommentFunctions.Data;
using CommentFunctions.Http;
using CommentFunctions.Queues;
using CommentFunctions.Tests.Channels.Support;
using CommentFunctions.Tests.EndToEnd.Support;
using Functions.LocalRuntime.Indexing;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Data.Sqlite;

namespace CommentFunctions.Tests.EndToEnd;

/// <summary>The OpenAPI document says what the functions, their types and the answers of a running app say.</summary>
public sealed class OpenApiTests : IDisposable
{
    private const string Master = "the-master-key-of-at-least-thirty-two-characters";

    private static readonly OpenApiDocument Document = OpenApiDocument.OfSource;

    private readonly AppFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void It_has_every_method_of_every_function_with_its_right_and_nothing_else()
    {
        var functions = from function in HttpFunction.All
                        from method in function.Methods
                        select (method, "/" + function.Route, Callers.Rights.Keys.SingleOrDefault(right => Callers.Rights[right].Contains(function.Name)), function.Level);
        var documented = Document.Operations.Select(operation => (
            operation.Method, operation.Path, operation.Right, operation.Right is null ? AuthorizationLevel.Anonymous : AuthorizationLevel.Function));

        Assert.Equal(functions.Order(), documented.Order());
        Assert.All(HttpFunction.All, function => Assert.Contains(
            Document.Operations, operation => (operation.Id, operation.Method, operation.Path) == (function.Name, function.Methods[0], "/" + function.Route)));
        Assert.Distinct(Document.Operations.Select(operation => operation.Id));
    }

    [Fact]
    public void What_a_path_has_is_a_parameter_and_what_is_referred_to_is_there_and_nothing_else()
    {
        Assert.All(Document.Operations, operation => Assert.Equal(
            Regex.Matches(operation.Path, @"\{(\w+)\}").Select(match => match.Groups[1].Value),
            Parameters(operation).Where(parameter => parameter.GetProperty("in").GetString() == "path").Select(parameter => parameter.GetProperty("name").GetString()!)));
        var components = Document.Root.GetProperty("components");
        var referred = components.EnumerateObject().Where(kind => kind.Name != "securitySchemes")
            .SelectMany(kind => kind.Value.EnumerateObject().Select(component => $"#/components/{kind.Name}/{component.Name}"));
        Assert.Equal(referred.Order(), Document.References.Order());
        Assert.Equal(QueueNames.All, OpenApiDocument.NamesOf(components.GetProperty("parameters").GetProperty("queue").GetProperty("schema"), "enum"));
        var schemes = Document.Operations.Where(operation => operation.Element.TryGetProperty("security", out _))
            .SelectMany(operation => operation.Element.GetProperty("security").EnumerateArray()).SelectMany(scheme => scheme.EnumerateObject()).Select(scheme => scheme.Name);
        Assert.Equal(components.GetProperty("securitySchemes").EnumerateObject().Select(scheme => scheme.Name).Order(), schemes.Distinct().Order());

        static IEnumerable<JsonElement> Parameters(OpenApiOperation operation) =>
            operation.Element.TryGetProperty("parameters", out var all) ? all.EnumerateArray().Select(Document.Resolve) : [];
    }

    /// <summary>From it the console says what a function does and what its values are.</summary>
    [Fact]
    public void It_says_of_each_function_what_it_does_and_of_each_value_what_it_is()
    {
        var document = new FunctionDocument(GetOpenApi.Open);
        Assert.All(FunctionRulesTests.Names, name =>
        {
            var usage = document.Find(name);
            Assert.True(usage?.Summary is { Length: > 0 }, $"{name} is not described: an HTTP function in paths, another in x-functions.");
            Assert.All(usage.Options, option => Assert.True(option.Description.Length > 0, $"{name}: {option.Name} has no description."));
        });
        Assert.Equal(
            FunctionRulesTests.Names.Except(HttpFunction.All.Select(function => function.Name)),
            Document.Root.GetProperty("x-functions").EnumerateObject().Select(function => function.Name).Order(StringComparer.Ordinal));
    }

    /// <summary>Also what no answer of a test happens to have.</summary>
    [Fact]
    public void A_schema_has_the_properties_of_its_type()
    {
        var nullability = new NullabilityInfoContext();
        var schemas = Document.Root.GetProperty("components").GetProperty("schemas").EnumerateObject().Where(schema => schema.Name != "Problem").ToList();

        Assert.NotEmpty(schemas);
        Assert.All(schemas, schema =>
        {
            var properties = Assert.Single(typeof(Comment).Assembly.GetExportedTypes(), type => type.Name == schema.Name)
                .GetProperties(BindingFlags.Public | BindingFlags.Instance);
            Assert.Equal(properties.Select(Name).Order(), schema.Value.GetProperty("properties").EnumerateObject().Select(property => property.Name).Order());
            Assert.Equal(properties.Where(IsAlwaysThere).Select(Name).Order(), OpenApiDocument.NamesOf(schema.Value, "required").Order());
            Assert.All(properties.Where(property => property.PropertyType.IsEnum), property => Assert.Equal(
                Enum.GetNames(property.PropertyType).Select(JsonNamingPolicy.CamelCase.ConvertName),
                OpenApiDocument.NamesOf(schema.Value.GetProperty("properties").GetProperty(Name(property)), "enum")));
        });

        static string Name(PropertyInfo property) => JsonNamingPolicy.CamelCase.ConvertName(property.Name);
        bool IsAlwaysThere(PropertyInfo property) => nullability.Create(property).ReadState == NullabilityState.NotNull
            || property.GetCustomAttribute<JsonIgnoreAttribute>()?.Condition == JsonIgnoreCondition.Never;
    }

    [Fact]
    public async Task The_answers_of_a_running_app_are_as_it_says()
    {
        await using var telegram = await StandIn.StartAsync<TelegramStandIn>();
        await using var whatsApp = await StandIn.StartAsync<WhatsAppStandIn>();
        await using var signal = await StandIn.StartAsync<SignalStandIn>();
        var channels = telegram.Settings.Concat(whatsApp.Settings).Concat(signal.Settings).Select(s => (s.Key.Replace(":", "__", StringComparison.Ordinal), s.Value!));
        await using var app = await AppProcess.ServeAsync(
            folder, [("LocalRuntime__MasterKey", Master), ("LocalRuntime__FunctionKey", "another-key-of-at-least-thirty-two-characters"), .. channels]);
        var caller = new Caller(app.Http);

        await caller.AskAsync(200, "GetHealth", "health");
        Assert.Equal(Document.Text, await caller.AskAsync(200, "GetOpenApi", "openapi.json"));
        foreach (var kind in new[] { "Get", "Head" })
        {
            await caller.AskAsync(200, kind + "Dashboard", "dashboard");
            await caller.AskAsync(200, kind + "DashboardFile", "dashboard/dashboard.js");
            await caller.AskAsync(404, kind + "DashboardFile", "dashboard/nothing.js", isHead: kind == "Head");
            await caller.AskAsync(200, kind + "ChatPage", "chat");
            await caller.AskAsync(200, kind + "ChatFile", "chat/chat.js");
            await caller.AskAsync(404, kind + "ChatFile", "chat/nothing.js", isHead: kind == "Head");
        }

        await AskOfCommentsAsync(caller, app.Http);
        await AskOfWebhooksAsync(caller);
        await AskOfDeadLettersAsync(caller);
        await AskOfRunsAsync(caller);
        await AskOfSiteAsync(caller);

        Assert.Equal(Document.Operations.Select(operation => operation.Id).Order(), caller.Succeeded.Order());
    }

    private static async Task AskOfCommentsAsync(Caller caller, HttpClient http)
    {
        await caller.AskAsync(201, "PostComment", "comments", """{"userName": "ann", "text": "Hello"}""");
        await caller.AskAsync(201, "PostComment", "comments", """{"userName": "ann", "text": "Hello again"}""");
        await caller.AskAsync(400, "PostComment", "comments", """{"userName": "", "text": "Hello"}""");
        await caller.AskAsync(401, "PostComment", "comments", "{}", ("x-functions-key", "a-key-that-somebody-made-up"));
        await caller.AskAsync(413, "PostComment", "comments", new string(' ', 100_000));
        await caller.AskAsync(415, "PostComment", "comments");
        await caller.AskAsync(200, "ListComments", "users/ann/comments?limit=1");
        await caller.AskAsync(200, "ListComments", "users/ann/comments");
        await caller.AskAsync(400, "ListComments", "users/ann/comments?limit=0");
        await caller.AskAsync(404, "ListComments", "users/nobody/comments");
        await caller.AskAsync(200, "ListRecentComments", "comments");
        await caller.AskAsync(400, "ListRecentComments", "comments?limit=101");
        await caller.AskAsync(200, "GetUser", "users/ann?limit=1");
        await caller.AskAsync(404, "GetUser", "users/nobody");
        await caller.AskAsync(202, "PostBotMessage", "bot/messages", """{"conversation": "demo", "text": "ann"}""");
        await caller.AskAsync(400, "PostBotMessage", "bot/messages", """{"conversation": "", "text": "ann"}""");
        await AppClient.EventuallyAsync(async () => (await http.RepliesAsync("demo")).Count == 1, "the bot answers");
        await caller.AskAsync(200, "GetConversation", "bot/conversations/demo");
        await caller.AskAsync(400, "GetConversation", "bot/conversations/a%20b");
    }

    private static async Task AskOfWebhooksAsync(Caller caller)
    {
        var whatsApp = WhatsAppStandIn.Event([WhatsAppStandIn.Text("wamid.A=", "ann")]);
        await caller.AskAsync(200, "TelegramWebhook", "channels/telegram", TelegramStandIn.Update(1, "ann"), ("X-Telegram-Bot-Api-Secret-Token", TelegramStandIn.Secret));
        await caller.AskAsync(401, "TelegramWebhook", "channels/telegram", "{}");
        await caller.AskAsync(200, "WhatsAppWebhook", "channels/whatsapp", whatsApp, ("X-Hub-Signature-256", WhatsAppStandIn.Sign(whatsApp)));
        await caller.AskAsync(400, "WhatsAppWebhook", "channels/whatsapp", "{", ("X-Hub-Signature-256", WhatsAppStandIn.Sign("{")));
        var challenge = await caller.AskAsync(
            200, "VerifyWhatsAppWebhook", $"channels/whatsapp?hub.mode=subscribe&hub.challenge=7&hub.verify_token={WhatsAppStandIn.VerifyToken}");
        Assert.Equal("7", challenge);
        await caller.AskAsync(403, "VerifyWhatsAppWebhook", "channels/whatsapp?hub.mode=subscribe&hub.challenge=7&hub.verify_token=another");
        await caller.AskAsync(200, "SignalWebhook", $"channels/signal?secret={SignalStandIn.Secret}", SignalStandIn.Received(1768478400000, "ann"));
        await caller.AskAsync(401, "SignalWebhook", "channels/signal", "{}");
        await caller.AskAsync(200, "SetTelegramWebhook", "channels/telegram/webhook?url=https://example.org/api/channels/telegram");
        await caller.AskAsync(400, "SetTelegramWebhook", "channels/telegram/webhook");
        await caller.AskAsync(200, "GetTelegramWebhook", "channels/telegram/webhook");
        await caller.AskAsync(200, "RemoveTelegramWebhook", "channels/telegram/webhook");
    }

    private async Task AskOfDeadLettersAsync(Caller caller)
    {
        await folder.UseQueuesAsync(async queues =>
        {
            await queues.SendAsync(QueueNames.Messages, [new("not JSON"), new("nor this"), new("nor that")]);
            await AppClient.EventuallyAsync(async () => (await queues.CountAsync(QueueNames.Messages)).DeadLettered == 3, "three messages are given up on");
        });
        await caller.AskAsync(200, "GetHealth", "health");
        var page = JsonDocument.Parse(await caller.AskAsync(200, "ListDeadLetters", "dead-letters/bot-messages?limit=2")).RootElement;
        await caller.AskAsync(200, "ListDeadLetters", $"dead-letters/bot-messages?from={page.GetProperty("next")}");
        var numbers = page.GetProperty("deadLetters").EnumerateArray().Select(letter => letter.GetProperty("sequenceNumber").GetInt64()).ToList();
        await caller.AskAsync(204, "DropDeadLetter", $"dead-letters/bot-messages/{numbers[0]}");
        await caller.AskAsync(404, "DropDeadLetter", $"dead-letters/bot-messages/{numbers[0]}");
        await caller.AskAsync(400, "DropDeadLetter", "dead-letters/bot-messages/first");
        await caller.AskAsync(200, "ReplayDeadLetter", $"dead-letters/bot-messages/{numbers[1]}/replay");
        await caller.AskAsync(200, "ReplayDeadLetters", "dead-letters/bot-messages/replay");
        await caller.AskAsync(404, "ReplayDeadLetters", "dead-letters/bot-letters/replay");
    }

    private static async Task AskOfRunsAsync(Caller caller)
    {
        await caller.AskAsync(200, "DeleteExpiredCommentsOnDemand", "expiry-runs?olderThan=00:30:00&dryRun=true");
        await caller.AskAsync(200, "EraseUser", "users/ann");
        await caller.AskAsync(404, "EraseUser", "users/ann");
        await caller.AskAsync(400, "EraseUser", "users/ann?dry=true");
        var run = JsonDocument.Parse(await caller.AskAsync(200, "DeleteExpiredCommentsOnDemand", "expiry-runs")).RootElement;
        await caller.AskAsync(400, "DeleteExpiredCommentsOnDemand", "expiry-runs?dryRun=perhaps");
        await caller.AskAsync(200, "ListExpiryRuns", "expiry-runs");
        await caller.AskAsync(400, "ListExpiryRuns", "expiry-runs?limit=101");
        await caller.AskAsync(200, "GetExpiryRun", $"expiry-runs/{run.GetProperty("id")}");
        await caller.AskAsync(404, "GetExpiryRun", "expiry-runs/last");
        await caller.AskAsync(200, "GetHealth", "health");
    }

    // An app on tables of its own has no site to describe.
    private async Task AskOfSiteAsync(Caller caller)
    {
        await caller.AskAsync(409, "DescribeSite", "site");
        var database = $"Data Source={Path.Combine(folder.Path, "site.db")}";
        await using (var connection = new SqliteConnection(database + ";Pooling=False"))
        {
            await connection.OpenAsync();
            await using var command = connection.CreateCommand();
            command.CommandText = """
                CREATE TABLE auth_user (id integer PRIMARY KEY, username varchar(150) UNIQUE);
                CREATE TABLE comments_comment (id integer PRIMARY KEY, user_id integer REFERENCES auth_user (id), timestamp datetime, text text);
                CREATE TABLE comments_vote (id integer PRIMARY KEY, comment_id integer NOT NULL REFERENCES comments_comment (id));
                """;
            await command.ExecuteNonQueryAsync();
        }

        using var others = new AppFolder();
        await using var app = await AppProcess.ServeAsync(
            others, ("LocalRuntime__MasterKey", Master), ("Comments__Schema", "Django"), ("Comments__ConnectionString", database), ("Comments__CreateSchema", "true"),
            ("Comments__Django__TimeZone", "UTC"), ("Comments__Django__Dependents", "comments_vote.comment_id"));
        var there = new Caller(app.Http);
        await there.AskAsync(200, "DescribeSite", "site");
        caller.Succeeded.UnionWith(there.Succeeded);
    }

    /// <summary>Calls a running app as the document says, and compares each answer with it.</summary>
    private sealed class Caller(HttpClient http)
    {
        /// <summary>The operations that did what was asked.</summary>
        public HashSet<string> Succeeded { get; } = [];

        /// <summary>The body of the answer, which has this status.</summary>
        public async Task<string> AskAsync(int status, string id, string path, string? json = null, (string Name, string Value)? header = null, bool isHead = false)
        {
            var operation = Document.Operations.Single(operation => operation.Id == id);
            Assert.True(operation.Takes(path.Split('?')[0]), $"{id} has the path {operation.Path}.");
            using var request = new HttpRequestMessage(new(operation.Method), "api/" + path);
            var (name, value) = header ?? ("x-functions-key", Master);
            request.Headers.Add(name, value);
            request.Content = json is null ? null : new StringContent(json, Encoding.UTF8, "application/json");

            using var answer = await http.SendAsync(request);

            var body = await answer.Content.ReadAsStringAsync();
            Assert.True((int)answer.StatusCode == status, $"{id} answers {(int)answer.StatusCode}: {body}");
            if (!isHead)
            {
                var problems = await Document.CheckAsync(operation, answer);
                Assert.True(problems.Count == 0, $"{id}: {string.Join(' ', problems)}");
            }

            if (answer.IsSuccessStatusCode)
            {
                Succeeded.Add(id);
            }

            return body;
        }
    }
}
