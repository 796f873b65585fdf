using System.Collections.Concurrent;
using System.Net;
using CommentFunctions.Tests.EndToEnd.Support;

namespace CommentFunctions.Tests.EndToEnd;

public sealed class CrashTests : IDisposable
{
    private const int Users = 10;
    private readonly AppFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Every_message_that_was_accepted_is_answered_once_over_three_kills()
    {
        var accepted = new ConcurrentDictionary<string, string>();
        for (var round = 0; round < 3; round++)
        {
            await using var app = await AppProcess.ServeAsync(folder);
            await PostCommentsAsync(app.Http, round);
            var sending = SendAsync(app.Http, round, accepted);
            // In the middle: some are answered, some wait on a queue, some are being sent.
            await AppClient.EventuallyAsync(() => Task.FromResult(accepted.Count >= (round + 1) * 150), "messages are accepted");
            await app.KillAsync();
            await sending;
        }

        await using var last = await AppProcess.ServeAsync(folder);
        await AllAnsweredAsync(last.Http, accepted.Keys);
        foreach (var (conversation, user) in accepted)
        {
            var reply = Assert.Single(await last.Http.RepliesAsync(conversation));
            Assert.StartsWith($"Last comment for {user} was {user} in round ", reply, StringComparison.Ordinal);
        }

        await folder.UseQueuesAsync(async queues =>
        {
            Assert.Equal(new(0, 0, 0), await queues.CountAsync("bot-messages"));
            Assert.Equal(new(0, 0, 0), await queues.CountAsync("bot-replies"));
        });
    }

    [Fact]
    public async Task Told_to_stop_the_app_finishes_what_runs_and_exits_with_success()
    {
        var app = await AppProcess.ServeAsync(folder);
        await PostCommentsAsync(app.Http, 0);
        foreach (var i in Enumerable.Range(0, 50))
        {
            await app.Http.AskBotAsync($"stop-{i}", "user0");
        }

        Assert.Equal(0, await app.TerminateAsync());
        Assert.DoesNotContain("fail:", app.Output, StringComparison.Ordinal);
        await app.DisposeAsync();

        await using var again = await AppProcess.ServeAsync(folder);
        await AllAnsweredAsync(again.Http, Enumerable.Range(0, 50).Select(i => $"stop-{i}"));
    }

    private static async Task PostCommentsAsync(HttpClient http, int round)
    {
        foreach (var user in Enumerable.Range(0, Users).Select(i => $"user{i}"))
        {
            Assert.Equal(HttpStatusCode.Created, (await http.PostCommentAsync(user, $"{user} in round {round}")).StatusCode);
        }
    }

    private static Task SendAsync(HttpClient http, int round, ConcurrentDictionary<string, string> accepted) =>
        Task.WhenAll(Enumerable.Range(0, 8).Select(async sender =>
        {
            try
            {
                for (var i = 0; ; i++)
                {
                    var (conversation, user) = ($"c{round}-{sender}-{i}", $"user{i % Users}");
                    using var answer = await http.AskBotAsync(conversation, user);
                    Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
                    accepted[conversation] = user;
                }
            }
            catch (HttpRequestException)
            {
                // The process is gone; what it had not accepted by then does not count.
            }
        }));

    // An answer stays: each is asked for until it is there.
    private static async Task AllAnsweredAsync(HttpClient http, IEnumerable<string> conversations)
    {
        foreach (var conversation in conversations)
        {
            await AppClient.EventuallyAsync(async () => (await http.RepliesAsync(conversation)).Count > 0, $"{conversation} is answered");
        }
    }
}
