namespace CommentFunctions.Tests.Infra.Bicep;

/// <summary>A resource that a deployment makes.</summary>
/// <param name="File">Where it is declared.</param>
/// <param name="Symbol">By which name.</param>
/// <param name="Type">Its type, without the version.</param>
/// <param name="Body">Its properties, name and parent and scope included.</param>
internal sealed record DeployedResource(string File, string Symbol, string Type, IReadOnlyDictionary<string, object?> Body)
{
    public string Name => $"{Body.GetValueOrDefault("name")}";

    public string Place => $"{File}: {Symbol}";

    /// <summary>The value at this path below the body; null where there is none.</summary>
    public object? At(params string[] path) =>
        path.Aggregate((object?)Body, (value, key) => (value as IReadOnlyDictionary<string, object?>)?.GetValueOrDefault(key));
}

/// <summary>
/// What a Bicep file and its modules deploy with these arguments, as far as that is known before: texts, numbers, lists and objects
/// have their values; what only Azure knows is a <see cref="Later"/>.
/// </summary>
internal sealed class BicepDeployment
{
    private readonly IReadOnlyDictionary<string, string> files;
    private readonly string path;
    private readonly Dictionary<string, BicepStatement> declared = [];
    private readonly List<BicepStatement> statements;
    private readonly Dictionary<string, object?> arguments;
    private readonly Dictionary<string, BicepDeployment> modules = [];

    /// <param name="files">The texts of all files by their path.</param>
    /// <param name="path">The file to deploy.</param>
    /// <param name="arguments">What its parameters are; those left out have their defaults.</param>
    public BicepDeployment(IReadOnlyDictionary<string, string> files, string path, IReadOnlyDictionary<string, object?> arguments)
    {
        (this.files, this.path, this.arguments) = (files, path, new(arguments));
        statements = [.. BicepParser.Parse(files[path])];
        foreach (var statement in statements.Where(s => s.Keyword is "param" or "var" or "resource" or "module"))
        {
            declared.Add(statement.Name, statement);
        }

        foreach (var argument in arguments.Keys.Where(name => !declared.TryGetValue(name, out var statement) || statement.Keyword != "param"))
        {
            throw new FormatException($"{path} has no parameter {argument}.");
        }

        foreach (var statement in declared.Values.Where(s => s.Keyword == "param" && s.Value is null && !arguments.ContainsKey(s.Name)))
        {
            throw new FormatException($"{path} is not given its parameter {statement.Name}.");
        }
    }

    /// <summary>The value of an output.</summary>
    public object? Output(string name) =>
        Values().Of((statements.FirstOrDefault(s => s.Keyword == "output" && s.Name == name)
            ?? throw new FormatException($"{path} has no output {name}.")).Value!);

    /// <summary>The resources, those of modules included; a condition that is only known later is taken for true.</summary>
    public IEnumerable<DeployedResource> Resources()
    {
        foreach (var statement in statements.Where(s => s.Keyword == "resource" && !s.IsExisting))
        {
            foreach (var body in Values().Bodies(statement.Value!))
            {
                yield return new(path, statement.Name, statement.Type.Split('@')[0], body);
            }
        }

        foreach (var resource in statements.Where(s => s.Keyword == "module").SelectMany(m => Module(m.Name)?.Resources() ?? []))
        {
            yield return resource;
        }
    }

    /// <summary>What a name stands for; false where nothing has it.</summary>
    public bool TryFind(string name, out object? value)
    {
        value = null;
        if (!declared.TryGetValue(name, out var statement))
        {
            return false;
        }

        value = statement.Keyword switch
        {
            "param" => arguments.TryGetValue(name, out var given) ? given : Values().Of(statement.Value!),
            "var" => Values().Of(statement.Value!),
            _ => new Later(name),
        };
        return true;
    }

    /// <summary>The property of a resource, or the output of a module, where it is known before.</summary>
    public bool TryReach(string name, IReadOnlyList<string> keys, out object? value)
    {
        value = null;
        switch (declared.GetValueOrDefault(name))
        {
            case { Keyword: "resource" } resource when keys is ["name"] && resource.Value is not Loop:
                value = Values().Bodies(resource.Value!).FirstOrDefault()?.GetValueOrDefault("name");
                return true;
            case { Keyword: "module" } when keys is ["outputs", var output]:
                value = (Module(name) ?? throw new FormatException($"{path} uses an output of {name}, which is not deployed.")).Output(output);
                return true;
            default:
                return false;
        }
    }

    /// <summary>The text of a file that a Bicep file names, relative to itself.</summary>
    public string Load(string relative)
    {
        var found = new Uri(new Uri("file:///" + path), relative).AbsolutePath.TrimStart('/');
        return files.TryGetValue(found, out var text) ? text : throw new FormatException($"{path} loads {found}, which is not there.");
    }

    private BicepDeployment? Module(string name)
    {
        if (modules.TryGetValue(name, out var module))
        {
            return module;
        }

        var statement = declared[name];
        if (Values().Bodies(statement.Value!).FirstOrDefault() is not { } body)
        {
            return null;
        }

        var found = new Uri(new Uri("file:///" + path), statement.Type).AbsolutePath.TrimStart('/');
        var given = body.GetValueOrDefault("params") as IReadOnlyDictionary<string, object?> ?? new Dictionary<string, object?>();
        return modules[name] = new(files, found, given);
    }

    private BicepValues Values() => new(this, new Dictionary<string, object?>());
}
