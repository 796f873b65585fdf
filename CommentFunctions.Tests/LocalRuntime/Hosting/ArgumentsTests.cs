using Functions.LocalRuntime.Hosting;
using Functions.LocalRuntime.Settings;

namespace CommentFunctions.Tests.LocalRuntime.Hosting;

public sealed class ArgumentsTests
{
    [Fact]
    public void Nothing_serves_on_the_port_of_the_settings()
    {
        var arguments = Arguments.Parse([]);

        Assert.Equal((Command.Serve, null), (arguments.Command, arguments.Port));
        Assert.Empty(arguments.Settings);
    }

    [Theory]
    [InlineData(8080, "--port", "8080")]
    [InlineData(8080, "--port=8080")]
    [InlineData(0, "--port", "0")]
    [InlineData(65535, "--port", "65535")]
    [InlineData(2, "--port", "1", "--port", "2")]
    public void A_port_is_taken(int port, params string[] args) => Assert.Equal((Command.Serve, port), (Arguments.Parse(args).Command, Arguments.Parse(args).Port));

    [Theory]
    [InlineData("65536")]
    [InlineData("-1")]
    [InlineData("http")]
    [InlineData("")]
    [InlineData("7071.5")]
    public void A_port_that_is_none_is_refused(string port) =>
        Assert.Equal($"--port must be a number from 0 (any free port) to 65535; it is '{port}'.", Refusal("--port", port)[0]);

    [Fact]
    public void Addresses_to_serve_on_are_taken() => Assert.Equal(
        ["http://0.0.0.0:8080", "http://[::1]:7071"], Arguments.Parse(["--urls", "http://0.0.0.0:8080; http://[::1]:7071"]).Urls!);

    [Theory]
    [InlineData("")]
    [InlineData(";")]
    [InlineData("0.0.0.0:8080")]
    [InlineData("https://0.0.0.0:8443")]
    [InlineData("http://0.0.0.0:8080/below")]
    [InlineData("http://unix:/tmp/comments.sock")]
    [InlineData("http://0.0.0.0:8080", "--port", "7071")]
    public void Addresses_that_are_none_are_refused(params string[] urls) =>
        Assert.StartsWith("--urls must be addresses such as http://0.0.0.0:8080, ", Refusal(["--urls", .. urls])[0], StringComparison.Ordinal);

    [Fact]
    public void Other_values_are_settings_of_the_app()
    {
        var arguments = Arguments.Parse(["--Comments:Retention", "00:00:10", "--port", "0", "--CommentExpirySchedule=*/5 * * * * *", "--Flag", "--Last=a=b"]);

        Assert.Equal(0, arguments.Port);
        Assert.Equal(
            ["--Comments:Retention=00:00:10", "--CommentExpirySchedule=*/5 * * * * *", "--Flag=true", "--Last=a=b"], arguments.Settings);
    }

    [Fact]
    public void Run_takes_a_function_and_named_values()
    {
        var arguments = Arguments.Parse(["run", "DeleteExpired", "--olderThan", "-1.00:00:00", "--dryRun", "--name=a=b", "--empty="]);

        Assert.Equal((Command.Run, "DeleteExpired"), (arguments.Command, arguments.Function));
        Assert.Equal(
            [("olderThan", "-1.00:00:00"), ("dryRun", "true"), ("name", "a=b"), ("empty", "")],
            arguments.Values!.Select(value => (value.Key, (string)value.Value!)));
    }

    [Theory]
    [InlineData("list", Command.List)]
    [InlineData("help", Command.Help)]
    [InlineData("--help", Command.Help)]
    [InlineData("-h", Command.Help)]
    [InlineData("-?", Command.Help)]
    internal void One_word_is_a_command(string word, Command command) => Assert.Equal(command, Arguments.Parse([word]).Command);

    [Theory]
    [InlineData("F", "run", "F", "--help")]
    [InlineData("F", "run", "F", "-h")]
    [InlineData("F", "run", "F", "--name", "x", "-?")]
    [InlineData(null, "run", "--help")]
    [InlineData(null, "list", "-h")]
    [InlineData(null, "--port", "0", "--help")]
    public void Help_is_asked_for_anywhere(string? function, params string[] args) =>
        Assert.Equal((Command.Help, function), (Arguments.Parse(args).Command, Arguments.Parse(args).Function));

    [Fact]
    public void A_value_may_look_like_a_question_for_help() => Assert.Equal("-h", (string?)Arguments.Parse(["run", "F", "--text", "-h"]).Values!["text"]);

    [Theory]
    [InlineData("`run` needs the name of a function.", "run")]
    [InlineData("`run` needs the name of a function.", "run", "--name", "x")]
    [InlineData("Unknown command 'serve'.", "serve")]
    [InlineData("Unknown command '-v'.", "-v")]
    [InlineData("Unknown command 'list'.", "list", "more")]
    [InlineData("'value' has no name; write --name value.", "run", "F", "value")]
    [InlineData("'b' has no name; write --name value.", "run", "F", "--a", "1", "b")]
    [InlineData("'--' has no name; write --name value.", "run", "F", "--")]
    [InlineData("'-x' has no name; write --name value.", "--port", "0", "-x")]
    public void What_makes_no_sense_is_refused_with_the_usage(string message, params string[] args) =>
        Assert.Equal([message, Arguments.Usage], Refusal(args));

    private static IReadOnlyList<string> Refusal(params string[] args) => Assert.Throws<StartupException>(() => Arguments.Parse(args)).Messages;
}
