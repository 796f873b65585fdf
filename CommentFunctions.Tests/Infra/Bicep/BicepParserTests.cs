namespace CommentFunctions.Tests.Infra.Bicep;

public class BicepParserTests
{
    [Theory]
    [InlineData("1 + 2 * 3", 7L)]
    [InlineData("(1 + 2) * 3", 9L)]
    [InlineData("'a${1 + 1}b'", "a2b")]
    [InlineData("'it\\'s'", "it's")]
    [InlineData("true ? 'yes' : 'no'", "yes")]
    [InlineData("1 == 2\n  ? 'yes'\n  : 'no'", "no")]
    [InlineData("empty('')", true)]
    [InlineData("{ a: 1, 'b c': [2, 3] }['b c'][1]", 3L)]
    [InlineData("union({ a: 1 }, { a: 2 }).a", 2L)]
    [InlineData("padLeft(7 % 24, 2, '0')", "07")]
    [InlineData("1 > 2 ? fail('never') : min(3, 4)", 3L)]
    [InlineData("startsWith('Standard_B2s', 'standard_b')", true)]
    public void A_value_that_is_known_is_computed(string expression, object value) => Assert.Equal(value, Output($"output it string = {expression}\n"));

    [Fact]
    public void A_value_that_only_Azure_knows_stays_an_expression() => Assert.Equal(
        "<account.properties.endpoint>", $"{Output("resource account 'A/b@1' = { name: 'x' }\noutput it string = account.properties.endpoint\n")}");

    [Fact]
    public void A_module_is_deployed_with_its_arguments() => Assert.Equal("hello", Deploy(
        ("main.bicep", "module m 'sub/m.bicep' = {\n  name: 'm'\n  params: { who: 'hello' }\n}\noutput it string = m.outputs.said\n"),
        ("sub/m.bicep", "param who string\noutput said string = who\n")).Output("it"));

    [Fact]
    public void A_loop_makes_a_resource_of_each_item_unless_its_condition_is_false() => Assert.Equal(
        ["a", "b"],
        Deploy(("main.bicep", """
            var names = [
              'a'
              'b'
            ]
            resource each 'A/b@1' = [
              for name in names: if (name != 'c') {
                name: name
              }
            ]
            resource never 'A/b@1' = if (empty(names)) {
              name: 'never'
            }

            """)).Resources().Select(r => r.Name));

    [Fact]
    public void A_loop_counts_its_items() => Assert.Equal(["a0", "b1"], Deploy(("main.bicep", """
        resource each 'A/b@1' = [
          for (name, index) in ['a', 'b']: {
            name: '${name}${index}'
          }
        ]

        """)).Resources().Select(r => r.Name));

    [Fact]
    public void A_template_may_refuse() =>
        Assert.Contains("too small", Assert.Throws<DeploymentRefusedException>(() => Output("output it string = true ? fail('too small') : ''\n")).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("parameter x string")]
    [InlineData("var x = ")]
    [InlineData("var x = [1 2]")]
    [InlineData("var x = 'open")]
    [InlineData("var x = { a 1 }")]
    [InlineData("var x = 1 y")]
    [InlineData("output it string = '${1'")]
    public void What_is_not_understood_is_refused(string source) => Assert.Throws<FormatException>(() => BicepParser.Parse(source + "\n"));

    [Theory]
    [InlineData("param who string", "param other string", "main.bicep is not given")]
    [InlineData("param given string", "", "has no parameter")]
    public void An_argument_has_a_parameter_and_the_reverse(string first, string second, string problem)
    {
        Dictionary<string, object?> arguments = first.Contains("who", StringComparison.Ordinal) ? new() { ["who"] = "x" } : new() { ["given"] = "x", ["more"] = "y" };

        var refused = Assert.Throws<FormatException>(
            () => new BicepDeployment(new Dictionary<string, string> { ["main.bicep"] = $"{first}\n{second}\n" }, "main.bicep", arguments));

        Assert.Contains(problem, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_name_that_is_not_declared_is_refused() => Assert.Throws<FormatException>(() => Output("output it string = nobody\n"));

    private static object? Output(string source) => Deploy(("main.bicep", source)).Output("it");

    private static BicepDeployment Deploy(params (string Path, string Text)[] files) =>
        new(files.ToDictionary(f => f.Path, f => f.Text), "main.bicep", new Dictionary<string, object?>());
}
