using System.Net;
using CommentFunctions.Tests.EndToEnd.Support;
using CommentFunctions.Tests.Telemetry.Support;

namespace CommentFunctions.Tests.EndToEnd;

/// <summary>What an app that was used and told to stop leaves at Application Insights.</summary>
public sealed class ApplicationInsightsTests : IDisposable
{
    private const int Questions = 200;
    private const string User = "zelda.the.user";
    private const string Conversation = "a-conversation-that-is-nowhere-else";

    private readonly AppFolder folder = AppFolder.WithHostJson();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task All_that_it_did_is_there_and_nobodys_name()
    {
        await using var ingestion = await Ingestion.StartAsync();
        // The exporter keeps what it could not send in time in the folder for temporary files, and sends it at the next start.
        (string, string)[] settings =
            [("APPLICATIONINSIGHTS_CONNECTION_STRING", ingestion.ConnectionString), ("APPLICATIONINSIGHTS_STATSBEAT_DISABLED", "true"), ("TMPDIR", folder.Path)];
        await using var app = await AppProcess.ServeAsync(folder, settings);
        foreach (var i in Enumerable.Range(0, Questions))
        {
            Assert.Equal(HttpStatusCode.Accepted, (await app.Http.AskBotAsync($"{Conversation}-{i}", User)).StatusCode);
        }

        foreach (var i in Enumerable.Range(0, Questions))
        {
            await AppClient.EventuallyAsync(async () => (await app.Http.RepliesAsync($"{Conversation}-{i}")).Count == 1, "each question is answered");
        }

        await app.Http.PostCommentAsync(User, "Hello");
        Assert.Single(await app.Http.CommentsAsync(User));
        Assert.Equal(0, await app.TerminateAsync());

        await using var again = await AppProcess.ServeAsync(folder, settings);
        foreach (var function in new[] { "PostBotMessage", "AnswerBotMessage", "DeliverBotReply" })
        {
            await AppClient.EventuallyAsync(
                () => Task.FromResult(ingestion.Spans.Count(span => span.Name == $"function {function}") >= Questions), $"all of {function} is there");
        }

        Assert.DoesNotContain(ingestion.Items, item => item.Text.Contains(User, StringComparison.Ordinal) || item.Text.Contains(Conversation, StringComparison.Ordinal));
    }
}
