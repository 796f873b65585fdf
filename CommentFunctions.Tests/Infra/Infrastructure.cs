using CommentFunctions.Tests.Infra.Bicep;

namespace CommentFunctions.Tests.Infra;

/// <summary>The files below infra/, and what they deploy.</summary>
/// <param name="Files">The texts by their path below infra/.</param>
internal sealed record Infrastructure(IReadOnlyDictionary<string, string> Files)
{
    /// <summary>The folder that has Functions.sln.</summary>
    public static string Repository { get; } = FindRepository();

    /// <summary>The files of this repository.</summary>
    public static Infrastructure Real { get; } = new(Read(Path.Combine(Repository, "infra")));

    public IEnumerable<KeyValuePair<string, string>> BicepFiles => Files.Where(f => f.Key.EndsWith(".bicep", StringComparison.Ordinal));

    /// <summary>The same, but for one text that is in its file once, which is another: how each check is shown to be able to fail.</summary>
    public Infrastructure With(string file, string text, string other)
    {
        Assert.Equal(2, Files[file].Split(text).Length);
        return new(new Dictionary<string, string>(Files) { [file] = Files[file].Replace(text, other, StringComparison.Ordinal) });
    }

    /// <summary>A deployment with an operator on this store; the other parameters have their defaults unless they are named.</summary>
    public BicepDeployment Deploy(string store, params (string Name, object? Value)[] arguments) => new(
        Files,
        "main.bicep",
        new (string Name, object? Value)[]
            { ("environmentName", "test"), ("location", "westeurope"), ("principalId", "an-operator"), ("store", store) }
            .Concat(arguments)
            .GroupBy(a => a.Name)
            .ToDictionary(a => a.Key, a => a.Last().Value));

    /// <summary>What a deployment on either store makes.</summary>
    public IEnumerable<DeployedResource> Resources() => Deploy("Cosmos").Resources()
        .Concat(Deploy("Postgres").Resources())
        .DistinctBy(r => (r.Place, r.Name));

    // Without what was built of the step after a deployment.
    private static Dictionary<string, string> Read(string folder) => Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
        .Select(f => Path.GetRelativePath(folder, f).Replace('\\', '/'))
        .Where(f => !f.Split('/').Any(part => part is "bin" or "obj"))
        .ToDictionary(f => f, f => File.ReadAllText(Path.Combine(folder, f)));

    private static string FindRepository()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Functions.sln")))
        {
            folder = folder.Parent ?? throw new InvalidOperationException("The tests run outside of the repository.");
        }

        return folder.FullName;
    }
}
