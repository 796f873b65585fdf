using System.Globalization;

namespace CommentFunctions.Benchmarks.Measuring;

/// <summary>Figures of the same thing from several rounds.</summary>
internal sealed class Samples(IEnumerable<double> values)
{
    private readonly double[] sorted = [.. values.Order()];

    public double Median => At(0.5);

    public double Min => sorted[0];

    public double Max => sorted[^1];

    /// <summary>The value below which this share of the samples lies.</summary>
    public double At(double share) => sorted[Math.Min(sorted.Length - 1, (int)(share * sorted.Length))];

    /// <summary>Median, and the range of the rounds.</summary>
    public string Format(string format = "0.00") =>
        string.Create(CultureInfo.InvariantCulture, $"{Median.ToString(format, CultureInfo.InvariantCulture)} ({Min.ToString(format, CultureInfo.InvariantCulture)}-{Max.ToString(format, CultureInfo.InvariantCulture)})");

    /// <summary>Each round's figure divided by the same round's other figure: what machines that drift leave comparable.</summary>
    public static Samples Ratio(IReadOnlyList<double> of, IReadOnlyList<double> to) => new(of.Zip(to, (a, b) => a / b));
}
