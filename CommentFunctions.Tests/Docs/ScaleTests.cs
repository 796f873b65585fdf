using CommentFunctions.Tests.EndToEnd.Support;

namespace CommentFunctions.Tests.Docs;

/// <summary>The arithmetic of docs/scale.md, done again.</summary>
public class ScaleTests
{
    private static readonly string Page = File.ReadAllText(Repository.File("docs/scale.md"));

    [Fact]
    public void Every_number_follows_from_an_input_that_has_a_source()
    {
        var page = new ScalePage(Page, Read);

        var problems = page.Check();

        Assert.True(problems.Count == 0, string.Join('\n', problems));
        Assert.InRange(page.Results, 60, int.MaxValue);
    }

    [Theory]
    // A result, exact and rounded, and an input.
    [InlineData("deliver(peak1000) = 13`", "deliver(peak1000) = 12`")]
    [InlineData("peak1000 = burst × mean1000 ≈ 3,860", "peak1000 = burst × mean1000 ≈ 3,680")]
    [InlineData("| `delivered` | 0.2 |", "| `delivered` | 0.3 |")]
    // A number of a table that stands without its arithmetic.
    [InlineData("| 1,000 × | 31, of", "| 1,000 × | 33, of")]
    // A function.
    [InlineData("ceil(max(p × delivered", "ceil(max(3 × p × delivered")]
    // A setting that is another by now, and an input that nobody vouches for or uses.
    [InlineData("setting: `maxConcurrentCalls`", "setting: `maxConcurrentSessions`")]
    [InlineData("[throttling](https://learn.microsoft.com/azure/service-bus-messaging/service-bus-throttling)", "well known")]
    [InlineData("| `disk` | 4 | its 32 GB | assumed |", "| `disk` | 4 | its 32 GB | assumed |\n| `unused` | 4 | nothing | assumed |")]
    public void One_mistake_is_found(string text, string mistake)
    {
        Assert.Equal(2, Page.Split(text).Length);

        Assert.NotEmpty(new ScalePage(Page.Replace(text, mistake, StringComparison.Ordinal), Read).Check());
    }

    [Theory]
    [InlineData("2 + 3 × 4 / (1 + 1)", 8)]
    [InlineData("ceil(max(1,000 / 3, 2)) - floor(2.5)", 332)]
    [InlineData("min(a, 7.5) × 2", 14)]
    [InlineData("f(f(2)) + 1", 15)]
    public void Arithmetic_is_that_of_schools(string expression, double value) =>
        Assert.Equal(value, WorkOut(expression));

    [Theory]
    [InlineData("2 +")]
    [InlineData("(2")]
    [InlineData("2 3")]
    [InlineData("b × 2")]
    public void What_is_no_arithmetic_is_found(string expression) =>
        Assert.Throws<FormatException>(() => WorkOut(expression));

    private static double WorkOut(string expression) => Arithmetic.WorkOut(
        expression, new Dictionary<string, double> { ["a"] = 7 }, new Dictionary<string, (string, string)> { ["f"] = ("x", "x × 2 + 2 × (a - 6)") }).Value;

    private static string Read(string file) => File.ReadAllText(Path.GetFullPath(Path.Combine(Repository.File("docs"), file)));
}
