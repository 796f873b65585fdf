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

    [Fact]
    public void Known_flaws_and_new_versions_of_packages_and_actions_are_looked_for()
    {
        Assert.Contains(Lines("ci.yml"), line => line.Contains("dotnet restore", StringComparison.Ordinal) && line.Contains("-p:NuGetAuditMode=all", StringComparison.Ordinal));
        var watched = File.ReadAllLines(Path.Combine(Infrastructure.Repository, ".github", "dependabot.yml"))
            .Where(line => line.Contains("package-ecosystem:", StringComparison.Ordinal)).Select(line => line.Split(':')[1].Trim());
        Assert.Equal(["github-actions", "nuget"], watched.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Each_step_of_azd_runs_a_file_that_is_there()
    {
        var azd = File.ReadAllText(Path.Combine(Infrastructure.Repository, "azure.yaml"));
        var files = Regex.Matches(azd, @"infra/[\w/-]+\.\w+").Select(match => match.Value).ToList();

        Assert.Contains("infra/postgres/role.cs", files);
        Assert.All(files, file => Assert.True(File.Exists(Path.Combine(Infrastructure.Repository, file)), file));
        Assert.Matches(@"requiredVersions:\n  azd: "">= \d+\.\d+\.\d+""\n", azd);
    }

    private static string[] Lines(string workflow) =>
        File.ReadAllLines(Path.Combine(Infrastructure.Repository, ".github", "workflows", workflow));
}
