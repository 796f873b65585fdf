using CommentFunctions.Failures;
using CommentFunctions.Http;
using CommentFunctions.Tests.Support;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace CommentFunctions.Tests.Http;

public class ProblemDetailsMiddlewareTests : IOutages
{
    private readonly LogLevels log = new();
    private Outage? outage;

    [Fact]
    public async Task An_exception_is_500_without_its_message_and_is_logged()
    {
        var answer = await AnswerAsync(new InvalidOperationException("secret"));

        Assert.DoesNotContain("secret", answer.Problem(500), StringComparison.Ordinal);
        Assert.Equal([LogLevel.Error], log.Levels);
    }

    [Theory]
    [InlineData(400)]
    [InlineData(413)]
    [InlineData(415)]
    public async Task A_refusal_keeps_its_status_and_words_and_is_no_error(int status)
    {
        var answer = await AnswerAsync(new BadHttpRequestException("Allowed: less.", status));

        Assert.Equal("Allowed: less.", answer.Problem(status));
        Assert.Empty(log.Levels);
    }

    [Fact]
    public async Task A_request_whose_caller_is_gone_is_no_error()
    {
        Assert.Equal(499, (await AnswerAsync(new TaskCanceledException(), gone: true)).Status);
        Assert.Empty(log.Levels);
    }

    [Fact]
    public async Task A_request_that_a_stop_cancelled_may_be_tried_again()
    {
        Assert.Contains("Try again", (await AnswerAsync(new OperationCanceledException(), stopping: true)).Problem(503), StringComparison.Ordinal);
        Assert.Empty(log.Levels);
    }

    [Fact]
    public async Task A_cancellation_that_nobody_asked_for_is_an_error() =>
        Assert.NotEmpty((await AnswerAsync(new TaskCanceledException())).Problem(500));

    [Theory]
    [InlineData(null, "5")]
    [InlineData(1500, "2")]
    [InlineData(0, "1")]
    public async Task A_part_that_is_away_is_503_that_says_when_to_come_again_and_a_warning(int? milliseconds, string seconds)
    {
        outage = new("away", milliseconds is { } wait ? TimeSpan.FromMilliseconds(wait) : null);

        var answer = await AnswerAsync(new InvalidOperationException("secret"));

        Assert.Contains("Try again after", answer.Problem(503), StringComparison.Ordinal);
        Assert.Equal(seconds, answer.RetryAfter);
        Assert.Equal([LogLevel.Warning], log.Levels);
    }

    public Outage? FindOutage(Exception exception) => outage;

    private Task<HttpAnswer> AnswerAsync(Exception exception, bool gone = false, bool stopping = false) => HttpCalls.AnswerOf(
        new ProblemDetailsMiddleware([this], log).Answer(exception, "Function", gone, stopping), HttpCalls.Get("/").HttpContext);

    private sealed class LogLevels : ILogger<ProblemDetailsMiddleware>
    {
        public List<LogLevel> Levels { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Levels.Add(logLevel);
    }
}
