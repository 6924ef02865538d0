package sandboxclient;

import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/** Objects as JSON's members: out by getters and public fields, in by setters and public fields; and records. */
final class Beans {
    /** AWS's classes of events spell members otherwise than events do (Records and records), or have no setters. */
    private static final String EVENTS = "com.amazonaws.services.lambda.runtime.events.";

    private interface Setter {
        void set(Object bean, Object json) throws ReflectiveOperationException, BadJson;
    }

    private Beans() {}

    /** An object's members, in the order of its fields. */
    static Map<String, Object> members(Object bean) {
        Map<String, Object> members = new LinkedHashMap<>();
        try {
            if (bean.getClass().isRecord()) {
                for (RecordComponent each : bean.getClass().getRecordComponents()) {
                    members.put(each.getName(), call(each.getAccessor(), bean));
                }
                return members;
            }
            fields(bean.getClass(), bean, members);
            for (Method method : bean.getClass().getMethods()) {
                String name = property(method);
                if (name != null) members.put(name, call(method, bean));
            }
            return members;
        } catch (InvocationTargetException error) {
            throw new IllegalStateException(String.valueOf(error.getCause().getMessage()), error.getCause());
        } catch (ReflectiveOperationException | RuntimeException error) {
            String type = bean.getClass().getName();
            throw new IllegalStateException("The sandbox does not write a `" + type + "` as JSON", error);
        }
    }

    /** An object of a class from JSON's members; what the class does not know is ignored. */
    static Object make(Class<?> type, Map<?, ?> json) throws BadJson {
        try {
            if (type.isRecord()) return record(type, json);
            if (!type.getName().startsWith(EVENTS)) return bean(type, json, setters(type));
            Map<String, Object> members = new HashMap<>();
            json.forEach((name, value) -> members.put(plain((String) name), value));
            Map<String, Setter> setters = new HashMap<>();
            setters(type).forEach((name, setter) -> setters.put(plain(name), setter));
            return setters.isEmpty() ? byConstructor(type, members) : bean(type, members, setters);
        } catch (NoSuchMethodException | InstantiationException error) {
            String problem = "` (no Creators, like default constructor, exist)";
            throw new BadJson("Cannot construct instance of `" + type.getName() + problem);
        } catch (InvocationTargetException error) {
            throw new BadJson(error.getCause().toString());
        } catch (ReflectiveOperationException | RuntimeException error) {
            throw new BadJson("The sandbox does not make a `" + type.getName() + "` of JSON: " + error);
        }
    }

    private static Object bean(Class<?> type, Map<?, ?> json, Map<String, Setter> setters)
            throws ReflectiveOperationException, BadJson {
        Constructor<?> constructor = type.getDeclaredConstructor();
        constructor.setAccessible(true);
        Object bean = constructor.newInstance();
        for (Map.Entry<?, ?> member : json.entrySet()) {
            Setter setter = setters.get(member.getKey());
            if (setter != null) setter.set(bean, member.getValue());
        }
        return bean;
    }

    /** With the longest constructor, whose parameters are the fields, in their order. */
    private static Object byConstructor(Class<?> type, Map<String, Object> json)
            throws ReflectiveOperationException, BadJson {
        Constructor<?> longest = type.getConstructors()[0];
        for (Constructor<?> each : type.getConstructors()) {
            if (each.getParameterCount() > longest.getParameterCount()) longest = each;
        }
        Map<String, Object> fields = new LinkedHashMap<>();
        fields(type, null, fields);
        Iterator<String> names = fields.keySet().iterator();
        Object[] values = new Object[longest.getParameterCount()];
        for (int at = 0; at < values.length && names.hasNext(); at++) {
            values[at] = Binder.bind(json.get(plain(names.next())), longest.getGenericParameterTypes()[at]);
        }
        return longest.newInstance(values);
    }

    private static Object record(Class<?> type, Map<?, ?> json) throws ReflectiveOperationException, BadJson {
        RecordComponent[] components = type.getRecordComponents();
        Class<?>[] types = new Class<?>[components.length];
        Object[] values = new Object[components.length];
        for (int at = 0; at < components.length; at++) {
            types[at] = components[at].getType();
            values[at] = Binder.bind(json.get(components[at].getName()), components[at].getGenericType());
        }
        Constructor<?> constructor = type.getDeclaredConstructor(types);
        constructor.setAccessible(true);
        return constructor.newInstance(values);
    }

    private static Map<String, Setter> setters(Class<?> type) {
        Map<String, Setter> setters = new HashMap<>();
        for (Class<?> each = type; each != null && each != Object.class; each = each.getSuperclass()) {
            for (Method method : each.getDeclaredMethods()) {
                boolean sets = method.getName().matches("set.+") && method.getParameterCount() == 1;
                if (!sets || method.isBridge() || Modifier.isStatic(method.getModifiers())) continue;
                Type wanted = method.getGenericParameterTypes()[0];
                setters.putIfAbsent(decapitalized(method.getName().substring(3)), (bean, json) -> {
                    method.setAccessible(true);
                    method.invoke(bean, Binder.bind(json, wanted));
                });
            }
        }
        for (Field field : type.getFields()) {
            if (Modifier.isStatic(field.getModifiers())) continue;
            setters.putIfAbsent(field.getName(), (bean, json) -> {
                field.setAccessible(true);
                field.set(bean, Binder.bind(json, field.getGenericType()));
            });
        }
        return setters;
    }

    /** The values of public fields; other fields have their place kept. */
    private static void fields(Class<?> type, Object bean, Map<String, Object> members) throws IllegalAccessException {
        if (type == null || type == Object.class) return;
        fields(type.getSuperclass(), bean, members);
        for (Field field : type.getDeclaredFields()) {
            if (Modifier.isStatic(field.getModifiers()) || field.isSynthetic()) continue;
            boolean isPublic = Modifier.isPublic(field.getModifiers());
            if (isPublic) field.setAccessible(true);
            members.put(field.getName(), isPublic && bean != null ? field.get(bean) : null);
        }
    }

    private static Object call(Method method, Object bean) throws ReflectiveOperationException {
        method.setAccessible(true);
        return method.invoke(bean);
    }

    /** The name of the property that a getter gets; null for any other method. */
    private static String property(Method method) {
        Class<?> type = method.getReturnType();
        boolean gets = method.getParameterCount() == 0 && type != void.class;
        if (!gets || method.getDeclaringClass() == Object.class) return null;
        if (Modifier.isStatic(method.getModifiers()) || method.isBridge()) return null;
        String name = method.getName();
        if (name.matches("get.+")) return decapitalized(name.substring(3));
        boolean isTruth = type == boolean.class || type == Boolean.class;
        return isTruth && name.matches("is.+") ? decapitalized(name.substring(2)) : null;
    }

    /** `x-amz-id-2` and `xAmzId2` are one. */
    private static String plain(String name) {
        return name.replaceAll("[^A-Za-z0-9]", "").toLowerCase();
    }

    /** `Name` is name, `URL` stays (the rule of JavaBeans). */
    private static String decapitalized(String name) {
        boolean isShouted = name.length() > 1 && name.substring(0, 2).chars().allMatch(Character::isUpperCase);
        return isShouted ? name : Character.toLowerCase(name.charAt(0)) + name.substring(1);
    }
}
