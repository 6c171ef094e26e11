using System.Reflection;
using System.Runtime.CompilerServices;

namespace Godwit.Tests.Storage;

/// <summary>The public types and members of an assembly, one a line, always in the same order.</summary>
internal static class PublicSurface
{
    private static readonly NullabilityInfoContext Nullability = new();

    public static IEnumerable<string> Of(Assembly assembly) => assembly.GetExportedTypes()
        .SelectMany(type => Members(type).Prepend(Declaration(type)))
        .Distinct()
        .Order(StringComparer.Ordinal);

    private static string Declaration(Type type)
    {
        string kind = type switch
        {
            { IsEnum: true } => "enum",
            { IsInterface: true } => "interface",
            { IsValueType: true } => "struct",
            { IsAbstract: true, IsSealed: true } => "static class",
            { IsAbstract: true } => "abstract class",
            { IsSealed: true } => "sealed class",
            _ => "class",
        };
        string parent = type.BaseType is { } b && b != typeof(object) && b != typeof(ValueType) && b != typeof(Enum)
            ? $" : {Name(b)}"
            : "";
        return $"{Name(type)} {kind}{parent}";
    }

    private static IEnumerable<string> Members(Type type)
    {
        const BindingFlags Declared = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static
            | BindingFlags.DeclaredOnly;
        string owner = Name(type);
        foreach (MemberInfo member in type.GetMembers(Declared).Where(m => !m.IsDefined(typeof(CompilerGeneratedAttribute))))
        {
            switch (member)
            {
                case FieldInfo field when type.IsEnum && field.IsLiteral:
                    yield return $"{owner}.{field.Name} = {Convert.ToInt64(field.GetRawConstantValue())}";
                    break;
                case FieldInfo { IsSpecialName: false } field when field.IsPublic || field.IsFamily:
                    yield return $"{owner}.{field.Name} : {Name(Nullability.Create(field))}";
                    break;
                case PropertyInfo property when Accessors(property) is { Length: > 0 } accessors:
                    yield return $"{owner}.{property.Name} : {Name(Nullability.Create(property))} {{ {accessors} }}";
                    break;
                case ConstructorInfo constructor when IsVisible(constructor):
                    yield return $"{owner}.new({Parameters(constructor)})";
                    break;
                case MethodInfo method when IsVisible(method) && (!method.IsSpecialName || method.Name.StartsWith("op_", StringComparison.Ordinal)):
                    yield return $"{owner}.{method.Name}({Parameters(method)}) : {Name(Nullability.Create(method.ReturnParameter))}";
                    break;
            }
        }
    }

    private static string Accessors(PropertyInfo property)
    {
        List<string> accessors = [];
        if (property.GetMethod is { } get && IsVisible(get))
        {
            accessors.Add("get");
        }

        if (property.SetMethod is { } set && IsVisible(set))
        {
            accessors.Add(set.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit)) ? "init" : "set");
        }

        return string.Join("; ", accessors);
    }

    private static bool IsVisible(MethodBase method) => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly;

    private static string Parameters(MethodBase method) => string.Join(
        ", ", method.GetParameters().Select(p => $"{Name(Nullability.Create(p))} {p.Name}{(p.HasDefaultValue ? " = …" : "")}"));

    private static string Name(NullabilityInfo info)
    {
        Type type = info.Type;
        if (Nullable.GetUnderlyingType(type) is { } underlying)
        {
            return Name(underlying) + "?";
        }

        string mark = !type.IsValueType && info.ReadState == NullabilityState.Nullable ? "?" : "";
        if (type.IsArray)
        {
            return $"{Name(info.ElementType!)}[]{mark}";
        }

        return type.IsGenericType
            ? $"{Bare(type)}<{string.Join(", ", info.GenericTypeArguments.Select(Name))}>{mark}"
            : Name(type) + mark;
    }

    private static string Name(Type type) => type.IsGenericType
        ? $"{Bare(type)}<{string.Join(", ", type.GetGenericArguments().Select(Name))}>"
        : Bare(type);

    private static string Bare(Type type)
    {
        string name = type.Name.Split('`')[0];
        return type is { IsNested: true, IsGenericParameter: false } ? $"{Name(type.DeclaringType!)}.{name}" : name;
    }
}
