using System.Collections.Immutable;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using Functions.LocalRuntime.Indexing;
using Microsoft.Azure.Functions.Worker;

namespace Functions.LocalRuntime.Invocation;

internal sealed class LocalFunctionDefinition(string name, MethodInfo method, Trigger trigger) : FunctionDefinition
{
    public override ImmutableArray<FunctionParameter> Parameters { get; } =
        [.. method.GetParameters().Select(parameter => new FunctionParameter(parameter.Name!, parameter.ParameterType, parameter.HasDefaultValue, parameter.DefaultValue))];

    public override string PathToAssembly { get; } = method.Module.FullyQualifiedName;

    public override string EntryPoint { get; } = $"{method.DeclaringType!.FullName}.{method.Name}";

    public override string Id { get; } = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)))[..16];

    public override string Name => name;

    public override IImmutableDictionary<string, BindingMetadata> InputBindings { get; } =
        ImmutableDictionary<string, BindingMetadata>.Empty.Add(trigger.Parameter.Name!, new TriggerMetadata(trigger));

    public override IImmutableDictionary<string, BindingMetadata> OutputBindings => ImmutableDictionary<string, BindingMetadata>.Empty;

    private sealed class TriggerMetadata(Trigger trigger) : BindingMetadata
    {
        public override string Name => trigger.Parameter.Name!;

        public override string Type => trigger.Type;

        public override BindingDirection Direction => BindingDirection.In;
    }
}
