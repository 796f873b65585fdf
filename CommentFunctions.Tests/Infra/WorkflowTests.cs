using System.Text.RegularExpressions;

namespace CommentFunctions.Tests.Infra;

public class WorkflowTests
{
    private static readonly List<string> Names =
        [.. Directory.EnumerateFiles(Path.Combine(Infrastructure.Repository, ".github", "workflows")).Select(f => Path.GetFileName(f)!)];

    public static TheoryData<string> Workflows => [.. Names];

    [Theory]
    [MemberData(nameof(Workflows))]
    public void Every_action_is_pinned_to_a_commit_and_says_its_version(string workflow)
    {
        var uses = Lines(workflow).Where(line => line.Contains("uses:", StringComparison.Ordinal)).ToList();

        Assert.NotEmpty(uses);
        Assert.All(uses, line => Assert.Matches(@"uses: [\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$", line));
    }

    [Theory]
    [MemberData(nameof(Workflows))]
    public void A_workflow_may_read_the_repository_and_no_more(string workflow)
    {
        var lines = Lines(workflow);

        Assert.Equal("  contents: read", lines[Array.IndexOf(lines, "permissions:") + 1]);
        Assert.Contains(lines, line => line.StartsWith("concurrency:", StringComparison.Ordinal));
        Assert.Empty(lines.Where(line => Regex.IsMatch(line, @": write\b")).Select(line => line.Trim()).Except(["id-token: write"]));
        Assert.DoesNotContain(lines, line => line.Contains("secrets.", StringComparison.Ordinal));
    }

    [Fact]
    public void Only_the_deployment_signs_in_to_Azure() => Assert.Equal(
        ["deploy.yml"],
        Names.Where(w => Lines(w).Any(line => line.Contains("id-token: write", StringComparison.Ordinal))));

    private static string[] Lines(string workflow) =>
        File.ReadAllLines(Path.Combine(Infrastructure.Repository, ".github", "workflows", workflow));
}
