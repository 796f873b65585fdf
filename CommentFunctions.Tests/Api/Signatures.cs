using System.Reflection;

namespace CommentFunctions.Tests.Api;

/// <summary>Writes types and members as C# declares them, without nullable annotations.</summary>
internal static class Signatures
{
    private const BindingFlags Everything = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static;

    private static readonly Dictionary<Type, string> Keywords = new()
    {
        [typeof(void)] = "void",
        [typeof(object)] = "object",
        [typeof(string)] = "string",
        [typeof(bool)] = "bool",
        [typeof(int)] = "int",
        [typeof(long)] = "long",
    };

    /// <summary>The type's own line: what it is, and what it derives from or implements.</summary>
    public static string Of(Type type)
    {
        var kind = type switch
        {
            { IsInterface: true } => "interface",
            { IsEnum: true } => "enum",
            _ when type.IsSubclassOf(typeof(Delegate)) => "delegate",
            { IsAbstract: true, IsSealed: true } => "static class",
            { IsAbstract: true } => "abstract class",
            { IsSealed: true } => "sealed class",
            _ => "class",
        };
        var named = type.BaseType is { } super && super != typeof(object) && kind.EndsWith("class", StringComparison.Ordinal) ? $" : {Name(super)}" : "";
        return $"{(type.IsPublic ? "public " : "")}{kind} {Name(type)}{named}";
    }

    /// <summary>The public and protected members, inherited ones included.</summary>
    public static IEnumerable<string> OfMembers(Type type)
    {
        if (type.IsEnum)
        {
            return Enum.GetNames(type).Select(name => $"{name} = {Convert.ToInt32(Enum.Parse(type, name), null)}");
        }

        if (type.IsSubclassOf(typeof(Delegate)))
        {
            var invoke = type.GetMethod("Invoke")!;
            return [$"{Name(invoke.ReturnType)} ({Parameters(invoke)})"];
        }

        return type.GetConstructors(Everything).Where(IsVisible).Select(constructor => $"{Modifiers(constructor)}{Plain(type)}({Parameters(constructor)})")
            .Concat(type.GetProperties(Everything).Where(property => property.GetAccessors(true).Any(IsVisible)).Select(Of))
            .Concat(type.GetMethods(Everything).Where(method => IsVisible(method) && !method.IsSpecialName).Select(Of));
    }

    public static IEnumerable<string> InterfacesOf(Type type) => type.GetInterfaces().Select(Name);

    /// <summary>A type as it is used, such as <c>Task&lt;string&gt;</c>.</summary>
    public static string Name(Type type)
    {
        if (Keywords.TryGetValue(type, out var keyword))
        {
            return keyword;
        }

        if (type.IsArray)
        {
            return $"{Name(type.GetElementType()!)}[]";
        }

        return type.IsGenericType ? $"{Plain(type)}<{string.Join(", ", type.GetGenericArguments().Select(Name))}>" : type.Name;
    }

    private static string Of(PropertyInfo property)
    {
        var accessors = string.Concat(property.GetAccessors(true).Where(IsVisible).Select(accessor => accessor.ReturnType == typeof(void) ? " set;" : " get;").Order());
        return $"{Modifiers(property.GetAccessors(true).First(IsVisible))}{Name(property.PropertyType)} {property.Name} {{{accessors} }}";
    }

    private static string Of(MethodInfo method)
    {
        var generic = method.IsGenericMethod ? $"<{string.Join(", ", method.GetGenericArguments().Select(Name))}>" : "";
        var constraints = string.Concat(method.IsGenericMethod ? method.GetGenericArguments().SelectMany(Constraints) : []);
        return $"{Modifiers(method)}{Name(method.ReturnType)} {method.Name}{generic}({Parameters(method)}){constraints}";
    }

    private static IEnumerable<string> Constraints(Type parameter)
    {
        var constraints = parameter.GetGenericParameterConstraints().Select(Name);
        if (parameter.GenericParameterAttributes.HasFlag(GenericParameterAttributes.ReferenceTypeConstraint))
        {
            constraints = constraints.Prepend("class");
        }

        var text = string.Join(", ", constraints);
        return text.Length == 0 ? [] : [$" where {parameter.Name} : {text}"];
    }

    private static string Parameters(MethodBase method)
    {
        var receiver = method.IsDefined(typeof(System.Runtime.CompilerServices.ExtensionAttribute), false) ? "this " : "";
        return receiver + string.Join(", ", method.GetParameters().Select(parameter =>
            (parameter.IsDefined(typeof(ParamArrayAttribute)) ? "params " : "") + $"{Name(parameter.ParameterType)} {parameter.Name}{Default(parameter)}"));
    }

    private static string Default(ParameterInfo parameter) => parameter switch
    {
        { IsOptional: false } => "",
        { DefaultValue: null } => " = default",
        { DefaultValue: Enum value } => $" = {value}",
        var other => $" = {Convert.ToString(other.DefaultValue, System.Globalization.CultureInfo.InvariantCulture)}",
    };

    private static string Modifiers(MethodBase method)
    {
        var visibility = method.IsPublic ? "public " : "protected ";
        var own = method switch
        {
            _ when method.DeclaringType!.IsInterface => "",
            { IsStatic: true } => "static ",
            { IsAbstract: true } => "abstract ",
            { IsVirtual: true, IsFinal: false } => "virtual ",
            _ => "",
        };
        return visibility + own;
    }

    private static bool IsVisible(MethodBase method) => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly;

    private static string Plain(Type type) => type.Name.Split('`')[0];
}
